using System.Globalization;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>What <c>recipes data verify</c> found in shards.</summary>
/// <param name="Path">What was looked at.</param>
/// <param name="Shards">Tars read.</param>
/// <param name="Samples">Samples read.</param>
/// <param name="Bytes">Bytes of the tars.</param>
/// <param name="Members">How many samples have a member, by extension.</param>
/// <param name="Manifest">The folder's manifest, against which sizes and checksums were compared; null when there is none.</param>
/// <param name="Problems">Everything wrong; empty when all is well.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ShardReport(
    string Path,
    int Shards,
    int Samples,
    long Bytes,
    IReadOnlyDictionary<string, int> Members,
    ShardManifest? Manifest,
    IReadOnlyList<SampleProblem> Problems
) : IDisplay
{
    private const int MostShown = 50;

    /// <summary>True when nothing is wrong.</summary>
    public bool Good => Problems.Count == 0;

    /// <summary>The members, and the problems.</summary>
    public string ToHtml() => (Good ? new Blocks(MembersTable()) : new Blocks(MembersTable(), ProblemsTable())).ToHtml();

    /// <summary>The report as text: a line, and a table of problems.</summary>
    public override string ToString() =>
        string.Join(
            '\n',
            [
                Line(),
                "  members: "
                    + string.Join(", ", Members.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:N0}"))),
                .. Good ? [] : (string[])[ProblemsTable().ToString()],
                $"{Path}: {(Good ? "good" : $"{Problems.Count} problem{(Problems.Count == 1 ? "" : "s")}")}",
            ]
        );

    private Table MembersTable() =>
        Table.From(Members, (Column.Text("Member"), m => m.Key), (Column.Number("Samples"), m => m.Value)).Caption(Line());

    private Table ProblemsTable() =>
        Table
            .From(
                Problems.Take(MostShown),
                (Column.Text("Shard"), p => System.IO.Path.GetFileName(p.Source)),
                (Column.Text("Sample"), p => p.Sample),
                (Column.Text("Problem"), p => p.Reason),
                (Column.Text("Detail"), p => p.Detail)
            )
            .Caption(Problems.Count > MostShown ? $"The first {MostShown} of {Problems.Count:N0} problems" : "Problems");

    private string Line() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path}: {Shards:N0} shards, {Samples:N0} samples, {Bytes:N0} bytes, {(Manifest is null ? "no manifest" : $"manifest: {Manifest}")}"
        );
}
