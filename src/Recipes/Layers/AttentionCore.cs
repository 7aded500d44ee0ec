using static TorchSharp.torch;

namespace Recipes.Layers;

// What all attention layers share. libtorch's fused kernel does not materialise the T x T weights.
internal static class AttentionCore
{
    /// <summary>softmax(q·kᵀ/√d)·v of every head.</summary>
    /// <param name="qkv"><c>[B, T, 3·D]</c>: q, k and v side by side.</param>
    /// <param name="heads">Heads that share D.</param>
    /// <param name="causal">Whether a position sees only itself and what is before it.</param>
    /// <returns><c>[B, T, D]</c>, in the caller's scope.</returns>
    public static Tensor SelfAttention(Tensor qkv, long heads, bool causal = false)
    {
        var (batch, length, width) = (qkv.shape[0], qkv.shape[1], qkv.shape[2] / 3);
        var split = qkv.reshape(batch, length, 3, heads, width / heads).permute(2, 0, 3, 1, 4); // [3, B, heads, T, d]
        var mixed = nn.functional.scaled_dot_product_attention(split[0], split[1], split[2], is_casual: causal);
        return mixed.transpose(1, 2).reshape(batch, length, width);
    }
}
