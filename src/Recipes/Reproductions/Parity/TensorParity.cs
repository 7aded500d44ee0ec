using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Compares one tensor with its record: shape, statistics and values, within the goldens' tolerance.</summary>
public static class TensorParity
{
    /// <summary>Shape, then mean, std, min and max, then the recorded values.</summary>
    public static IEnumerable<ParityCheck> Compare(GoldenTensor golden, Tensor found)
    {
        yield return ParityCheck.Equal(golden.Name, "shape", string.Join(", ", golden.Shape), string.Join(", ", found.shape));
        using var wide = found.detach().to(ScalarType.Float64).contiguous();
        if (wide.numel() != golden.Shape.Aggregate(1L, (a, b) => a * b))
            yield break;
        var flat = wide.data<double>().ToArray();
        var mean = flat.Average();
        var tolerance = golden.Tolerance;
        yield return Close(golden.Name, "mean", golden.Mean, mean, tolerance);
        yield return Close(golden.Name, "std", golden.Std, Math.Sqrt(flat.Average(v => (v - mean) * (v - mean))), tolerance);
        yield return Close(golden.Name, "min", golden.Min, flat.Min(), tolerance);
        yield return Close(golden.Name, "max", golden.Max, flat.Max(), tolerance);
        var indices = golden.Indices ?? [.. Enumerable.Range(0, golden.Values.Length).Select(i => (long)i)];
        var worst = golden
            .Values.Select((v, i) => Close(golden.Name, $"value [{indices[i]}]", v, flat[indices[i]], tolerance))
            .MaxBy(c => c.Worst);
        if (worst is not null)
            yield return worst;
    }

    /// <summary>A number within an absolute tolerance; a number that is not finite never is.</summary>
    public static ParityCheck Close(string name, string aspect, double expected, double found, double tolerance)
    {
        var difference = Math.Abs(expected - found);
        var worst =
            difference == 0 ? 0
            : double.IsFinite(found) ? difference / tolerance
            : double.PositiveInfinity;
        return new ParityCheck(
            name,
            aspect,
            worst,
            worst <= 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"expected {expected:G9}, found {found:G9}")
        );
    }
}
