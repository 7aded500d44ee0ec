using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Metrics against a golden of metrics: relative tolerance 1e-6, ranks and counts exact.</summary>
internal static class MetricParity
{
    public static ParityReport Compare(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return new ParityReport(
            file,
            [
                .. Each("retrieval", RetrievalParity.Compare),
                .. Each("classification", ZeroShotParity.Compare),
                .. Each("segmentation", SegmentationParity.Compare),
                .. Each("depth", DepthParity.Compare),
                .. Each("boxes", BoxParity.Compare),
                .. Each("binary", RankingParity.Binary),
                .. Each("multiclass", RankingParity.Multiclass),
            ]
        );

        List<ParityCheck> Each(string kind, Func<MetricCase, IEnumerable<ParityCheck>> compare)
        {
            using var inner = NewDisposeScope();
            return [.. json.RootElement.GetProperty(kind).EnumerateArray().SelectMany((c, i) => compare(new MetricCase($"{kind} {i}", c)))];
        }
    }
}

/// <summary>One set of numbers in a golden of metrics.</summary>
/// <param name="Title">Names it in findings.</param>
/// <param name="Json">Its fields.</param>
internal sealed record MetricCase(string Title, JsonElement Json)
{
    /// <summary>What seeds its streams.</summary>
    public string Name => Json.GetProperty("name").GetString()!;

    /// <summary>A whole number.</summary>
    public int this[string field] => Json.GetProperty(field).GetInt32();

    /// <summary>A number.</summary>
    public double Number(string field) => Json.GetProperty(field).GetDouble();

    /// <summary>A list of whole numbers.</summary>
    public int[] Integers(string field) => [.. Json.GetProperty(field).EnumerateArray().Select(n => n.GetInt32())];

    /// <summary>The numbers u of one of its streams.</summary>
    public double[] Stream(string stream, params long[] shape) => SeededWeights.Uniforms($"{Name}:{stream}", shape);

    /// <summary>A field, or a field of a field, within 1e-6 of it; null is not a number.</summary>
    public ParityCheck Close(string field, double found, JsonElement? within = null)
    {
        var expected = (within ?? Json).GetProperty(field);
        return Close(field, expected.ValueKind == JsonValueKind.Null ? double.NaN : expected.GetDouble(), found);
    }

    /// <summary>A number within 1e-6 of it.</summary>
    public ParityCheck Close(string aspect, double expected, double found) =>
        double.IsNaN(expected) || double.IsNaN(found)
            ? ParityCheck.Equal(
                Title,
                aspect,
                double.IsNaN(expected) ? "not a number" : $"{expected}",
                double.IsNaN(found) ? "not a number" : $"{found}"
            )
            : TensorParity.Close(Title, aspect, expected, found, 1e-6 * Math.Max(Math.Abs(expected), 1e-6));

    /// <summary>Equal lists of numbers; the first difference is named.</summary>
    public ParityCheck Equal(string aspect, IReadOnlyList<int> expected, IReadOnlyList<int> found)
    {
        var at = expected.Zip(found).TakeWhile(p => p.First == p.Second).Count();
        return expected.Count == found.Count && at == expected.Count
            ? new ParityCheck(Title, aspect, 0)
            : ParityCheck.Equal(Title, $"{aspect} [{at}]", expected.ElementAtOrDefault(at), found.ElementAtOrDefault(at));
    }

    /// <summary>An equal field.</summary>
    public ParityCheck Equal(string field, long found) => ParityCheck.Equal(Title, field, Json.GetProperty(field).GetInt64(), found);
}
