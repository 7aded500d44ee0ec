namespace Recipes.Notebook.Running;

/// <summary>How a notebook is run.</summary>
public sealed record NotebookRunOptions
{
    /// <summary>Parameters, each <c>name=value</c>.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>Where the notebook with its outputs goes, an <c>.ipynb</c>.</summary>
    /// <value><c>runs/notebooks/NAME/NAME.ipynb</c> below the current folder.</value>
    public string? Out { get; init; }

    /// <summary>Writes the outputs into the notebook itself.</summary>
    public bool InPlace { get; init; }

    /// <summary>The longest that a cell may run; null: without end.</summary>
    public TimeSpan? CellTimeout { get; init; }

    /// <summary>The longest that the run may take, the kernel's start included; null: without end.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Goes on after a cell that failed.</summary>
    public bool KeepGoing { get; init; }

    /// <summary>Characters of printed text that are kept of a cell: five sixths of its start and one of its end.</summary>
    /// <value>6,000,000.</value>
    public long OutputLimit { get; init; } = 6_000_000;
}
