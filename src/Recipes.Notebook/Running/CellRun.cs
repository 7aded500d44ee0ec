using Recipes.Notebook.Cells;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running;

/// <summary>How a cell of a run ended.</summary>
public enum CellRunStatus
{
    /// <summary>It ran to its end, or raised the exception that its tag <c>raises-exception</c> promises.</summary>
    Passed,

    /// <summary>It did not compile, threw, or did not raise what it promises.</summary>
    Failed,

    /// <summary>Its time was over.</summary>
    TimedOut,

    /// <summary>The user stopped it.</summary>
    Interrupted,

    /// <summary>The kernel process ended while it ran.</summary>
    KernelDied,

    /// <summary>It is tagged <c>skip-execution</c>, or empty; it keeps its outputs.</summary>
    Skipped,

    /// <summary>The run ended before; it keeps its outputs.</summary>
    NotReached,
}

/// <summary>A code cell in a run.</summary>
public sealed class CellRun
{
    internal CellRun(NotebookCell cell, int number) => (Cell, Number) = (cell, number);

    /// <summary>The cell, with its outputs.</summary>
    public NotebookCell Cell { get; }

    /// <summary>Its place among the code cells, from 1.</summary>
    public int Number { get; }

    /// <summary>Its first line that is not empty and does not only name a language.</summary>
    public string Title =>
        CellLanguages.Split(Cell.Source).Body.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "(empty)";

    /// <summary>How it ended.</summary>
    public CellRunStatus Status { get; internal set; } = CellRunStatus.NotReached;

    /// <summary>Seconds that it ran.</summary>
    public double Seconds { get; internal set; }

    /// <summary>Why it did not pass, or null. A promised exception is none.</summary>
    public CellOutput.Error? Error { get; internal set; }

    /// <summary>Whether it ran, and did not pass.</summary>
    public bool Bad => Status is CellRunStatus.Failed or CellRunStatus.TimedOut or CellRunStatus.Interrupted or CellRunStatus.KernelDied;

    /// <summary>The number, status, seconds and title.</summary>
    public override string ToString() => $"cell {Number} {Status} {Seconds:F1} s  {Title}";
}
