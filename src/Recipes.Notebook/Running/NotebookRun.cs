using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running;

/// <summary>A notebook's run: what was run, how each cell ended, where the outputs are.</summary>
/// <param name="File">The notebook.</param>
/// <param name="Output">The notebook with the outputs, or null when they are not kept.</param>
/// <param name="Parameters">The values with which it ran.</param>
/// <param name="Cells">Its code cells in order.</param>
/// <param name="Started">When.</param>
/// <param name="Seconds">How long, the kernel's start included.</param>
public sealed record NotebookRun(
    string File,
    string? Output,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<CellRun> Cells,
    DateTimeOffset Started,
    double Seconds
)
{
    /// <summary>The notebook as it is now, outputs included.</summary>
    public required NotebookDocument Document { get; init; }

    /// <summary>Whether no cell failed, and all were reached.</summary>
    public bool Passed => Cells.All(c => c.Status is CellRunStatus.Passed or CellRunStatus.Skipped);

    /// <summary>The first cell that did not pass, or null.</summary>
    public CellRun? FirstBad => Cells.FirstOrDefault(c => c.Bad);

    /// <summary>The command's exit code: 0 passed, 1 a cell failed or the kernel process ended, 3 timeout, 130 interrupted.</summary>
    public int ExitCode =>
        Has(CellRunStatus.Interrupted) || Interrupted ? 130
        : Has(CellRunStatus.TimedOut) || TimedOut ? 3
        : Passed ? 0
        : 1;

    /// <summary>Whether the user ended it, perhaps between two cells.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Whether the time of the whole run was over, perhaps between two cells.</summary>
    public bool TimedOut { get; init; }

    private bool Has(CellRunStatus status) => Cells.Any(c => c.Status == status);

    /// <summary>One JSON document: file, output, parameters, exit code, and each cell's status, seconds and error.</summary>
    public string ToJson() => CanonicalJson.Text(Summary());

    internal object Summary() =>
        new
        {
            File,
            Output,
            Parameters,
            Passed,
            ExitCode,
            Started = Started.ToString("O"),
            Seconds = Math.Round(Seconds, 3),
            Cells = Cells.Select(c => new
            {
                c.Number,
                c.Title,
                c.Cell.Language,
                c.Cell.ExecutionCount,
                c.Status,
                Seconds = Math.Round(c.Seconds, 3),
                Outputs = c.Cell.Outputs.Count,
                c.Error,
            }),
        };

    /// <summary>What became of it, in a few lines.</summary>
    public override string ToString()
    {
        var passed = Cells.Count(c => c.Status == CellRunStatus.Passed);
        var counts = new[]
        {
            (Cells.Count(c => c.Bad), "failed"),
            (Count(CellRunStatus.Skipped), "skipped"),
            (Count(CellRunStatus.NotReached), "not reached"),
        };
        var others = string.Concat(counts.Where(c => c.Item1 > 0).Select(c => $", {c.Item1} {c.Item2}"));
        var end =
            Interrupted ? ", interrupted"
            : TimedOut ? ", the whole run's time is over (--timeout)"
            : "";
        var bad = Cells.Where(c => c.Bad).Select(c => $"cell {c.Number}{Count(c)}: {c.Title}\n  {c.Error!.Name}: {c.Error.Message}\n");
        return string.Concat(bad) + $"{passed} of {Cells.Count} cells passed{others}{end}, {Seconds:F1} s";
    }

    // The number that a front end shows beside the cell, where cells before it were passed over.
    private static string Count(CellRun cell) => cell.Cell.ExecutionCount is { } count && count != cell.Number ? $" [{count}]" : "";

    private int Count(CellRunStatus status) => Cells.Count(c => c.Status == status);
}
