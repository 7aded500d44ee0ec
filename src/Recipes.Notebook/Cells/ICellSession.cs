namespace Recipes.Notebook.Cells;

/// <summary>C# and F# cells that share one process: state is kept from cell to cell, values pass between the languages.</summary>
public interface ICellSession : IDisposable
{
    /// <summary>The language of a cell that names none: <c>csharp</c> or <c>fsharp</c>.</summary>
    string DefaultLanguage { get; }

    /// <summary>The count of the cell that ran last.</summary>
    int ExecutionCount { get; }

    /// <summary>Runs a cell to its end. Blocks; one cell at a time.</summary>
    CellOutcome Run(CellRequest request, ICellHost host);

    /// <summary>
    /// Stops the running cell: cooperatively, then by aborting its thread. Does nothing when no cell runs. Native code that
    /// does not return cannot be stopped; then <see cref="Run"/> stays blocked and only ending the process helps.
    /// </summary>
    void Interrupt();

    /// <summary>What can stand at the cursor.</summary>
    /// <param name="code">The cell's text.</param>
    /// <param name="cursor">UTF-16 index into it.</param>
    /// <param name="language">The cell's language; null: by its first line, else the default.</param>
    /// <param name="cancellation">Gives up.</param>
    Completions Complete(string code, int cursor, string? language = null, CancellationToken cancellation = default);

    /// <summary>Type and documentation of what stands at the cursor, or null.</summary>
    MimeBundle? Inspect(string code, int cursor, string? language = null, CancellationToken cancellation = default);

    /// <summary>Whether a front end should run the text or ask for another line.</summary>
    Completeness IsComplete(string code, string? language = null);
}

/// <summary>A cell to run.</summary>
/// <param name="Code">Its text, magics included.</param>
/// <param name="Language"><c>csharp</c> or <c>fsharp</c>; null: by its first line, else the session's default.</param>
/// <param name="Silent">Shows no result and does not count.</param>
public sealed record CellRequest(string Code, string? Language = null, bool Silent = false);

/// <summary>How a cell ended.</summary>
public enum CellStatus
{
    /// <summary>It ran to its end.</summary>
    Ok,

    /// <summary>It did not compile, or threw.</summary>
    Error,

    /// <summary>It was stopped.</summary>
    Interrupted,
}

/// <summary>How a cell ended, its count, and the error that was shown, if any.</summary>
public sealed record CellOutcome(CellStatus Status, int ExecutionCount, CellOutput.Error? Error = null);

/// <summary>What can stand at the cursor, and the text <c>[Start, End)</c> that it replaces (UTF-16 indices).</summary>
public sealed record Completions(int Start, int End, IReadOnlyList<Completion> Items)
{
    /// <summary>Nothing.</summary>
    public static Completions None(int cursor) => new(cursor, cursor, []);
}

/// <summary>One text that can stand at the cursor.</summary>
/// <param name="Text">What is inserted.</param>
/// <param name="Kind">Jupyter's experimental type: <c>function</c>, <c>class</c>, <c>keyword</c>, <c>module</c>, …</param>
public sealed record Completion(string Text, string Kind);

/// <summary>Whether a text is a whole cell.</summary>
public enum Completeness
{
    /// <summary>It can run.</summary>
    Complete,

    /// <summary>More must follow.</summary>
    Incomplete,

    /// <summary>No continuation can make it valid.</summary>
    Invalid,
}
