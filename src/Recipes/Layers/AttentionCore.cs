using Recipes.Onnx;
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

    /// <summary>The same in ONNX.</summary>
    public static OnnxValue SelfAttention(OnnxValue qkv, long heads, bool causal = false)
    {
        var parts = qkv.Chunk(3, -1).Select(part => Split(part, heads)).ToList(); // [B, heads, T, d]
        var mask = causal ? Triangle(qkv.Graph, qkv.Size(1)) : null;
        return Join(OnnxGraph.Attention(parts[0], parts[1], parts[2], mask));
    }

    /// <summary><c>[B, T, heads·d]</c> to <c>[B, heads, T, d]</c>.</summary>
    public static OnnxValue Split(OnnxValue tokens, long heads) =>
        tokens.Reshape(tokens.Shape[0], tokens.Shape[1], heads, tokens.Size(2) / heads).Transpose(1, 2);

    /// <summary><c>[B, heads, T, d]</c> to <c>[B, T, heads·d]</c>.</summary>
    public static OnnxValue Join(OnnxValue heads) =>
        heads.Transpose(1, 2).Reshape(heads.Shape[0], heads.Shape[2], heads.Size(1) * heads.Size(3));

    // What a position adds to those behind it: minus infinity.
    private static OnnxValue Triangle(OnnxGraph graph, long length)
    {
        using var scope = NewDisposeScope();
        return graph.Shared($"triangle[{length}]", () => full([length, length], float.NegativeInfinity).triu(1));
    }
}
