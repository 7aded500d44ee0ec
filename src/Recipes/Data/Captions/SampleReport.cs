using System.Globalization;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>Samples of a set that share a problem.</summary>
/// <param name="Reason">The problem.</param>
/// <param name="Kept">True where it is only noted: the samples are in the set.</param>
/// <param name="Count">How many samples, or files where the problem is a file's.</param>
/// <param name="Examples">The first few.</param>
public sealed record SampleFinding(string Reason, bool Kept, int Count, IReadOnlyList<string> Examples);

/// <summary>What a captioned set left out and what it noted, by reason.</summary>
/// <param name="Name">The set.</param>
/// <param name="Samples">Samples in the set, after leaving out.</param>
/// <param name="Findings">One for each reason, the most frequent first; empty when nothing was found.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record SampleReport(string Name, int Samples, IReadOnlyList<SampleFinding> Findings) : IDisplay
{
    private const int MostExamples = 3;

    /// <summary>Problems for which something was left out: samples, or the rest of a file.</summary>
    public int Skipped => Findings.Where(f => !f.Kept).Sum(f => f.Count);

    /// <summary>Counts problems by reason.</summary>
    /// <param name="name">The set.</param>
    /// <param name="samples">Samples in the set, after leaving out.</param>
    /// <param name="problems">In the order in which examples are to be chosen.</param>
    public static SampleReport Of(string name, int samples, IEnumerable<SampleProblem> problems) =>
        new(
            name,
            samples,
            [
                .. problems
                    .GroupBy(p => (p.Reason, p.Kept))
                    .Select(g => new SampleFinding(
                        g.Key.Reason,
                        g.Key.Kept,
                        g.Count(),
                        [.. g.Take(MostExamples).Select(p => p.ToString())]
                    ))
                    .OrderBy(f => f.Kept)
                    .ThenByDescending(f => f.Count)
                    .ThenBy(f => f.Reason, StringComparer.Ordinal),
            ]
        );

    /// <summary>One row for each reason.</summary>
    public string ToHtml() =>
        Table
            .From(
                Findings,
                (Column.Text("Reason"), f => f.Reason),
                (Column.Text("Sample"), f => f.Kept ? "kept" : "left out"),
                (Column.Number("Count"), f => f.Count),
                (Column.Text("First"), f => f.Examples[0])
            )
            .Caption(Line())
            .ToHtml();

    /// <summary>One line for the set and one for each reason, with examples.</summary>
    public override string ToString() =>
        string.Join(
            '\n',
            [
                Line(),
                .. Findings.SelectMany(f =>
                    f.Examples.Select(e => "    " + e)
                        .Prepend(
                            string.Create(CultureInfo.InvariantCulture, $"  {f.Reason}: {f.Count:N0} {(f.Kept ? "kept" : "left out")}")
                        )
                ),
            ]
        );

    private string Line() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Name}: {Samples:N0} pictures, {(Skipped == 0 ? "none left out" : $"{Skipped:N0} left out")}"
        );
}

/// <summary>A set from which bad samples were left out, or which noted something about them.</summary>
public interface IReportedSet : ICaptionedSet
{
    /// <summary>What was left out, and why.</summary>
    SampleReport Report { get; }
}
