using Recipes.Notebook.Running.Comparison;

namespace Recipes.Notebook.Running;

/// <summary>What a re-run of one notebook showed.</summary>
/// <param name="File">The notebook.</param>
/// <param name="Run">The run; its cells hold the new outputs. Null when it could not be run.</param>
/// <param name="Compared">How many cells were compared: those that passed.</param>
/// <param name="Differences">From the stored outputs, in the order of cells.</param>
/// <param name="Problem">Why it could not be run, or null.</param>
public sealed record NotebookCheckResult(
    string File,
    NotebookRun? Run,
    int Compared,
    IReadOnlyList<OutputDifference> Differences,
    string? Problem
)
{
    /// <summary>Whether all ran, and showed what is stored.</summary>
    public bool Passed => ExitCode == 0;

    /// <summary>0 passed; 1 a difference or a failed cell; 2 it could not be run; 3 timeout; 130 interrupted.</summary>
    public int ExitCode =>
        Run is null ? 2
        : Run.ExitCode != 0 ? Run.ExitCode
        : Differences.Count > 0 ? 1
        : 0;

    /// <summary>The differences, and what became of the run.</summary>
    public override string ToString()
    {
        if (Run is null)
            return $"{File}: cannot be checked\n{Problem}\n";
        var cells = Run.Cells.ToDictionary(c => c.Number);
        var differences = Differences
            .GroupBy(d => d.Cell)
            .Select(g => $"cell {g.Key}: {cells[g.Key].Title}\n{string.Concat(g.Select(Lines))}");
        var count = Differences.Count == 0 ? "no difference" : $"{Differences.Count} difference{(Differences.Count == 1 ? "" : "s")}";
        return $"{string.Concat(differences)}{File}: {count} in {Compared} cells; {Run}\n";
    }

    private static string Lines(OutputDifference d) =>
        $"  output {d.Output}, {d.What}\n    stored  {Indented(d.Stored)}\n    now     {Indented(d.Now)}\n";

    private static string Indented(string text) => text.ReplaceLineEndings("\n            ");
}

/// <summary>What the re-runs of several notebooks showed.</summary>
/// <param name="Found">How many there are; fewer results when the user ended it.</param>
/// <param name="Results">Of those that were run.</param>
public sealed record NotebookCheckResults(int Found, IReadOnlyList<NotebookCheckResult> Results)
{
    private static readonly int[] Worst = [130, 3, 2, 1];

    /// <summary>The worst of all: 130 interrupted, 3 timeout, 2 bad input, 1 a difference or a failed cell, 0 good.</summary>
    public int ExitCode => Results.Count < Found ? 130 : Worst.FirstOrDefault(code => Results.Any(r => r.ExitCode == code));

    /// <summary>One JSON document.</summary>
    public string ToJson() =>
        CanonicalJson.Text(
            new
            {
                Found,
                ExitCode,
                Notebooks = Results.Select(r => new
                {
                    r.File,
                    r.Passed,
                    r.ExitCode,
                    r.Problem,
                    r.Compared,
                    r.Differences,
                    Run = r.Run?.Summary(),
                }),
            }
        );

    /// <summary>Each result, and how many passed.</summary>
    public override string ToString() => string.Join('\n', Results) + $"{Results.Count(r => r.Passed)} of {Found} as stored";
}
