using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// Rotary position embedding in halves: component i of a head turns with component i + D/2 by the angle position · base^(-2i/D).
/// The table holds the cosines and sines of the positions of one forward pass, which all layers share.
/// </summary>
/// <param name="Cosine"><c>[T, D/2]</c>, or <c>[B, 1, T, D/2]</c> where rows have positions of their own.</param>
/// <param name="Sine">The same shape.</param>
public sealed record RotaryTable(Tensor Cosine, Tensor Sine)
{
    /// <summary>The D/2 angles per position, float32: base^(-2i/D).</summary>
    public static Tensor Frequencies(long headWidth, double rotaryBase) =>
        tensor(
            Enumerable.Range(0, (int)headWidth / 2).Select(i => (float)Math.Pow(rotaryBase, -2.0 * i / headWidth)).ToArray(),
            [headWidth / 2]
        );

    /// <summary>The table of positions, computed in float64 and rounded once.</summary>
    /// <param name="positions">int64 <c>[T]</c>, or <c>[B, T]</c>.</param>
    /// <param name="frequencies"><c>[D/2]</c>.</param>
    /// <param name="dtype">Type of the table: that of the queries and keys.</param>
    public static RotaryTable Of(Tensor positions, Tensor frequencies, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var angles = positions.to(ScalarType.Float64).unsqueeze(-1) * frequencies.to(ScalarType.Float64); // [(B,) T, D/2]
        if (positions.dim() == 2)
            angles = angles.unsqueeze(1);
        return new RotaryTable(angles.cos().to(dtype).MoveToOuterDisposeScope(), angles.sin().to(dtype).MoveToOuterDisposeScope());
    }

    /// <summary>Turns queries or keys <c>[B, heads, T, D]</c>.</summary>
    public Tensor Turn(Tensor heads)
    {
        using var scope = NewDisposeScope();
        var halves = heads.chunk(2, -1);
        var (a, b) = (halves[0], halves[1]);
        return cat([a * Cosine - b * Sine, b * Cosine + a * Sine], -1).MoveToOuterDisposeScope();
    }
}
