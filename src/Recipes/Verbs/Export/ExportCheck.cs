using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

// A written graph against the model, in ONNX Runtime.
internal static class ExportCheck
{
    /// <summary>The largest relative difference over all outputs, at two batches and two of each size that is dynamic.</summary>
    /// <exception cref="RecipesException">It is more than the options allow; the file stays, to be looked at.</exception>
    public static (double? Difference, IReadOnlyList<string> Sizes) Compare(
        OnnxPart part,
        IReadOnlyList<string> dynamic,
        string file,
        ExportOptions options
    )
    {
        using var session = OnnxSession.Open(file);
        var (worst, names) = (0.0, new List<string>());
        foreach (var sizes in Variants(part, dynamic))
        {
            var difference = Compare(part, session, sizes, out var shapes);
            names.Add(shapes);
            worst = Math.Max(worst, double.IsNaN(difference) ? double.PositiveInfinity : difference);
        }
        return worst <= options.Tolerance
            ? (worst, names)
            : throw new RecipesException(
                $"{file}: ONNX Runtime's outputs differ from the model's by {worst:G3} relative, allowed {options.Tolerance:G3} (at {string.Join(" and ", names)}). Export parts of the model alone to find the layer whose ToOnnx differs from its forward."
            );
    }

    private static double Compare(OnnxPart part, OnnxSession session, IReadOnlyDictionary<string, long> sizes, out string shapes)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        manual_seed(7);
        var inputs = part.Inputs.Select(i => i.Sample([.. i.Shape.Select(d => d.Symbol is { } s ? sizes[s] : d.Size)])).ToList();
        shapes = string.Join(", ", inputs.Select(t => $"[{string.Join(", ", t.shape)}]").Distinct().Take(3));
        return part.Run(inputs).Zip(session.Run([.. inputs]), Difference).Max();
    }

    /// <summary>The largest difference over the largest expected value.</summary>
    public static double Difference(Tensor expected, Tensor actual)
    {
        if (!expected.shape.SequenceEqual(actual.shape))
            throw new RecipesException(
                $"ONNX Runtime puts out [{string.Join(", ", actual.shape)}], the model [{string.Join(", ", expected.shape)}]. Check the last layer's ToOnnx."
            );
        if (expected.numel() == 0)
            return 0;
        var wide = expected.to(ScalarType.Float64);
        return ((wide - actual.to(ScalarType.Float64)).abs().max() / wide.abs().max().clamp_min(1e-30)).item<double>();
    }

    // Batch 1 at the size of the export, then batch 2 at half of it, where those can change.
    private static IEnumerable<IReadOnlyDictionary<string, long>> Variants(OnnxPart part, IReadOnlyList<string> dynamic)
    {
        if (part.Trials is { } trials)
            return trials;
        long Other(string axis, long size) =>
            !dynamic.Contains(axis) ? size
            : size == 1 ? 2
            : size / 2;
        var first = part.Axes.ToDictionary(a => a, a => part.Sizes.TryGetValue(a, out var n) ? n : 4, StringComparer.Ordinal);
        return dynamic.Count == 0 ? [first] : [first, first.ToDictionary(s => s.Key, s => Other(s.Key, s.Value), StringComparer.Ordinal)];
    }
}
