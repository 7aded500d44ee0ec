using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>
/// Attention over a map with decomposed relative positions: softmax(q·kᵀ/√d + r_h + r_w)·v, where r_h is the product of the query with
/// the embedding of its row's distance to the key's row, and r_w that of the columns (segment-anything's image encoder).
/// </summary>
/// <remarks>
/// The T x T weights are never in memory at once (12 heads of 64 x 64 patches would be 0.8 GB, several times over). Inference hands
/// libtorch's fused kernel r_h + r_w as its mask, in pieces of at most 64 MB. The kernel has no gradient by the mask; training
/// folds the positions into channels instead, which needs no mask: q' = [q/√d, r_h, r_w], k' = [k, one-hot row, one-hot column].
/// </remarks>
internal static class DecomposedAttention
{
    private const long MaskElements = 1 << 24;

    /// <summary>Mixes the values of a map.</summary>
    /// <param name="q">Queries of N heads, row by row: <c>[N, h·w, d]</c>.</param>
    /// <param name="k">Keys, of the same shape.</param>
    /// <param name="v">Values, of the same shape.</param>
    /// <param name="rows">Embeddings of the distances of rows, <c>[h, h, d]</c> (query, key).</param>
    /// <param name="columns">The same of columns, <c>[w, w, d]</c>.</param>
    /// <returns><c>[N, h·w, d]</c>, in the caller's scope.</returns>
    public static Tensor Mix(Tensor q, Tensor k, Tensor v, Tensor rows, Tensor columns)
    {
        var trains = is_grad_enabled() && (q.requires_grad || rows.requires_grad || columns.requires_grad);
        return trains ? Folded(q, k, v, rows, columns) : Masked(q, k, v, rows, columns, MaskElements);
    }

    /// <summary>With the positions as a mask, of which at most so many elements exist at once (but no less than one row's).</summary>
    public static Tensor Masked(Tensor q, Tensor k, Tensor v, Tensor rows, Tensor columns, long elements)
    {
        using var scope = NewDisposeScope();
        var (count, tokens) = (q.shape[0], q.shape[1]);
        var (height, width) = (rows.shape[0], columns.shape[0]);
        var (byRow, byColumn) = Products(q, rows, columns);
        var heads = Math.Clamp(elements / (tokens * tokens), 1, count);
        var lines = Math.Clamp(elements / (heads * width * tokens), 1, height);
        var mixed = empty_like(q);
        for (var head = 0L; head < count; head += heads)
        {
            var n = Math.Min(heads, count - head);
            for (var line = 0L; line < height; line += lines)
            {
                using var piece = NewDisposeScope();
                var length = Math.Min(lines, height - line) * width;
                Tensor Part(Tensor of) => of.narrow(0, head, n).narrow(1, line * width, length);
                var mask = (Part(byRow).unsqueeze(-1) + Part(byColumn).unsqueeze(-2)).reshape(1, n, length, tokens);
                Part(mixed).copy_(Attend(Part(q), k.narrow(0, head, n), v.narrow(0, head, n), mask));
            }
        }
        return mixed.MoveToOuterDisposeScope();
    }

    /// <summary>With the positions as channels of queries and keys.</summary>
    public static Tensor Folded(Tensor q, Tensor k, Tensor v, Tensor rows, Tensor columns)
    {
        using var scope = NewDisposeScope();
        var (count, tokens, size) = (q.shape[0], q.shape[1], q.shape[2]);
        var (height, width) = (rows.shape[0], columns.shape[0]);
        var (byRow, byColumn) = Products(q, rows, columns);
        // The kernel divides by the root of the channels that it sees.
        var factor = Math.Sqrt(size + height + width);
        var query = cat([q * (factor / Math.Sqrt(size)), byRow * factor, byColumn * factor], -1);
        var row = eye(height, dtype: q.dtype, device: q.device).repeat_interleave(width, 0); // [h·w, h]
        var column = eye(width, dtype: q.dtype, device: q.device).repeat(height, 1); // [h·w, w]
        var place = cat([row, column], -1).expand(count, tokens, height + width);
        // It wants values as wide as the keys.
        var value = nn.functional.pad(v, [0, height + width]);
        return Attend(query, cat([k, place], -1), value, null).narrow(-1, 0, size).MoveToOuterDisposeScope();
    }

    // r_h for each query and row of keys, [N, h·w, h]; r_w for each query and column, [N, h·w, w].
    private static (Tensor Rows, Tensor Columns) Products(Tensor q, Tensor rows, Tensor columns)
    {
        var (height, width) = (rows.shape[0], columns.shape[0]);
        var map = q.reshape(q.shape[0], height, width, q.shape[2]);
        var byRow = einsum("nhwc,hkc->nhwk", map, rows).reshape(q.shape[0], height * width, height);
        var byColumn = einsum("nhwc,wkc->nhwk", map, columns).reshape(q.shape[0], height * width, width);
        return (byRow, byColumn);
    }

    private static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask) =>
        nn.functional.scaled_dot_product_attention(q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), mask).squeeze(0);
}
