using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>What all layers of a decoder share in one forward pass.</summary>
/// <param name="Rotary">Cosines and sines of the positions.</param>
/// <param name="Mask">Which keys each query sees, bool <c>[B or 1, 1, T, S]</c>; null for the plain triangle.</param>
/// <param name="Cache">Keys and values of earlier tokens, or null.</param>
public sealed record DecoderPass(RotaryTable Rotary, Tensor? Mask, KeyValueCache? Cache)
{
    /// <summary>The layer that runs: its place in the cache.</summary>
    public int Layer { get; init; }

    /// <summary>
    /// Prepares a pass over T new tokens. Padding has no position: a row's valid tokens are numbered 0, 1, … wherever they
    /// stand, so padding may be left or right. Padding sees itself, so that no row of the softmax is empty.
    /// </summary>
    /// <param name="like">The embeddings <c>[B, T, D]</c>: sizes, type and device.</param>
    /// <param name="valid">bool <c>[B, S]</c>, the cached tokens and the new ones; null where all are valid.</param>
    /// <param name="frequencies">Rotary angles per position.</param>
    /// <param name="cache">Earlier tokens, or null.</param>
    internal static DecoderPass Prepare(Tensor like, Tensor? valid, Tensor frequencies, KeyValueCache? cache)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (past, tokens) = (cache?.Length ?? 0, like.shape[1]);
        var positions = valid is null
            ? arange(past, past + tokens, dtype: ScalarType.Int64, device: like.device) // [T]
            : (valid.cumsum(1, ScalarType.Int64) - 1).clamp_min(0).narrow(1, past, tokens); // [B, T]
        var table = RotaryTable.Of(positions, frequencies, like.dtype);
        table.Cosine.MoveToOuterDisposeScope();
        table.Sine.MoveToOuterDisposeScope();
        return new DecoderPass(table, Visible(valid, past, tokens, like.device)?.MoveToOuterDisposeScope(), cache);
    }

    private static Tensor? Visible(Tensor? valid, long past, long tokens, Device device)
    {
        if (valid is null && (past == 0 || tokens == 1))
            return null;
        var all = ones(tokens, past + tokens, dtype: ScalarType.Bool, device: device);
        var triangle = all.tril(past); // [T, S]
        if (valid is null)
            return triangle.unsqueeze(0).unsqueeze(0);
        var itself = triangle & all.triu(past);
        return (triangle & valid.unsqueeze(1).unsqueeze(1)) | itself; // [B, 1, T, S]
    }
}
