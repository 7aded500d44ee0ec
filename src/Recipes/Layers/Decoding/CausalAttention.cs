using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// Causal attention with rotary positions, grouped queries and an optional cache, from projected queries, keys and values.
/// The scores of a head are never held as a whole: that is the framework's fused kernel.
/// </summary>
public static class CausalAttention
{
    /// <summary>Softmax of q·k / sqrt(D) over the keys up to each query, times v.</summary>
    /// <param name="queries"><c>[B, H, T, D]</c>, before rotation.</param>
    /// <param name="keys"><c>[B, K, T, D]</c>, before rotation; K divides H, and H/K queries share a key.</param>
    /// <param name="values"><c>[B, K, T, D]</c>.</param>
    /// <param name="pass">Positions, mask, cache, and the layer's place in it.</param>
    /// <returns>The heads side by side, <c>[B, T, H·D]</c>.</returns>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var q = pass.Rotary.Turn(queries);
        var (k, v) = (pass.Rotary.Turn(keys), values);
        if (pass.Cache is { } cache)
            (k, v) = cache.Append(pass.Layer, k, v);
        var (batch, heads, tokens, width) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3]);
        var groups = k.shape[1];
        // One token: the queries of a group stand where the tokens would, and no key is repeated.
        if (tokens == 1)
            q = q.reshape(batch, groups, heads / groups, width);
        else if (groups < heads)
            (k, v) = (Repeat(k, heads / groups), Repeat(v, heads / groups));
        var seen = nn.functional.scaled_dot_product_attention(q, k, v, pass.Mask!, 0, is_casual: pass.Mask is null && tokens > 1);
        return seen.reshape(batch, heads, tokens, width).transpose(1, 2).reshape(batch, tokens, heads * width).MoveToOuterDisposeScope();
    }

    /// <summary>The same in ONNX, from projections <c>[B, T, heads·D]</c>. The queries of a group share a key without copies of it.</summary>
    internal static OnnxValue Attend(OnnxValue queries, OnnxValue keys, OnnxValue values, long heads, long keyHeads, OnnxPass pass)
    {
        var graph = queries.Graph;
        var (past, width) = (pass.Past[pass.Present.Count], queries.Size(2) / heads);
        var q = pass.Turn(AttentionCore.Split(queries, heads)); // [B, H, T, D]
        var k = graph.Concat(2, past.Keys, pass.Turn(AttentionCore.Split(keys, keyHeads))).WithDim(2, pass.Mask.Dim(-1)); // [B, K, S, D]
        var v = graph.Concat(2, past.Values, AttentionCore.Split(values, keyHeads)).WithDim(2, pass.Mask.Dim(-1));
        pass.Present.Add((k, v));
        var grouped = q.Reshape(q.Shape[0], keyHeads, heads / keyHeads, q.Shape[2], width); // [B, K, H/K, T, D]
        var seen = OnnxGraph.Attention(grouped, k.Unsqueeze(2), v.Unsqueeze(2), pass.Mask.Unsqueeze(1));
        return AttentionCore.Join(seen.Reshape(q.Shape[0], heads, q.Shape[2], width));
    }

    /// <summary>Cuts a projection <c>[B, T, heads·D]</c> into <c>[B, heads, T, D]</c>, without a copy.</summary>
    public static Tensor Split(Tensor projected, long heads) =>
        projected.view(projected.shape[0], projected.shape[1], heads, -1).transpose(1, 2);

    // [B, K, S, D] to [B, K·times, S, D], each head `times` times in a row.
    private static Tensor Repeat(Tensor heads, long times)
    {
        var s = heads.shape;
        return heads.unsqueeze(2).expand(s[0], s[1], times, s[2], s[3]).reshape(s[0], s[1] * times, s[2], s[3]);
    }
}
