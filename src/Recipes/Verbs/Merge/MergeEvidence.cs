using System.Globalization;
using System.Text;
using Recipes.Display;

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
[TypeFormatterSource(typeof(DisplayFormatterSource))]
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
) : IDisplay
{
    /// <summary>The models with their shares and distances, and what became of the tensors.</summary>
    public string ToHtml()
    {
        var models = Table
            .From(
                Models.Select((name, i) => (name, i)),
                (Column.Text("Model"), m => m.name),
                (Column.Number("Share", "", "0.###"), m => Weights[m.i]),
                (Column.Number("Outputs apart"), m => Differences[m.i])
            )
            .Caption(
                $"Outputs on a probe of [{string.Join(", ", Probe)}]; from the models' weighted average they are {Numbers.Text(FromEnsemble)} apart."
            );
        var tensors = Table
            .With(Column.Text("Tensors"), Column.Number("How many"), Column.Text("Note"))
            .Row("averaged", Averaged.Count, Farthest is null ? "" : $"at most {Numbers.Text(Distance)} apart ({Farthest})")
            .Row("equal", Equal.Count, "kept")
            .Row("taken", Taken.Count, "counters that differ, from the first model");
        return new Blocks(models, tensors).ToHtml();
    }

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
