using System.Globalization;
using System.Text;

namespace Recipes.Verbs;

/// <summary>What merging did with each tensor, and how far outputs moved.</summary>
/// <param name="Models">The models' names.</param>
/// <param name="Weights">Their shares.</param>
/// <param name="Averaged">Keys of floating-point tensors that were averaged.</param>
/// <param name="Equal">Keys of tensors that are the same bits in all models, kept as they are.</param>
/// <param name="Taken">Keys of other tensors (counters) that differ; the first model's are taken.</param>
/// <param name="Farthest">Key of the tensor with <paramref name="Distance"/>; null when none was averaged.</param>
/// <param name="Distance">Largest absolute difference of an element of any model from the first one's.</param>
/// <param name="Differences">For each model the largest absolute difference of its outputs from the merged one's on the probe batch.</param>
/// <param name="FromEnsemble">The same from the weighted average of the models' outputs.</param>
/// <param name="Probe">Shape of the probe batch.</param>
public sealed record MergeEvidence(
    IReadOnlyList<string> Models,
    IReadOnlyList<double> Weights,
    IReadOnlyList<string> Averaged,
    IReadOnlyList<string> Equal,
    IReadOnlyList<string> Taken,
    string? Farthest,
    double Distance,
    IReadOnlyList<double> Differences,
    double FromEnsemble,
    IReadOnlyList<long> Probe
)
{
    /// <summary>One line a fact.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"merge: {Models.Count} models of {Models[0]}, shares {Join(Weights, "0.###")}");
        Line(
            $"  averaged  {Averaged.Count, 6:N0} tensors{(Farthest is null ? "" : FormattableString.Invariant($", at most {Distance:G3} apart ({Farthest})"))}"
        );
        Line($"  equal     {Equal.Count, 6:N0} tensors, kept");
        Line($"  taken     {Taken.Count, 6:N0} counters that differ, from the first model");
        Line(
            $"  outputs   at most {Join(Differences, "G3")} from the models', {FromEnsemble:G3} from their average, on a probe of [{string.Join(", ", Probe)}]"
        );
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Join(IEnumerable<double> numbers, string format) =>
        string.Join(", ", numbers.Select(n => n.ToString(format, CultureInfo.InvariantCulture)));
}
