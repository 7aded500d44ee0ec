namespace Recipes.Notebook.Cells;

/// <summary>What a running cell shows: the outputs that Jupyter knows, one type each.</summary>
public abstract record CellOutput
{
    /// <summary>Text on standard output or standard error.</summary>
    /// <param name="Name"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="Text">A piece of any length; lines are not split.</param>
    public sealed record Printed(string Name, string Text) : CellOutput;

    /// <summary>A value shown by <c>display</c>.</summary>
    /// <param name="Content">The value by MIME type.</param>
    /// <param name="Id">What <see cref="Update"/> names later; null for a display that is never updated.</param>
    public sealed record Display(MimeBundle Content, string? Id) : CellOutput;

    /// <summary>Every display of this id now shows this.</summary>
    public sealed record Update(MimeBundle Content, string Id) : CellOutput;

    /// <summary>The value of the cell's last expression.</summary>
    /// <param name="Content">The value by MIME type.</param>
    /// <param name="Count">The cell's execution count.</param>
    public sealed record Result(MimeBundle Content, int Count) : CellOutput;

    /// <summary>Why the cell failed.</summary>
    /// <param name="Name">The exception's type, or <c>CompilationError</c>, <c>Interrupted</c>, <c>MagicError</c>.</param>
    /// <param name="Message">One or more lines.</param>
    /// <param name="Traceback">The lines that a front end shows: message, compiler errors with line and column, the user's frames.</param>
    public sealed record Error(string Name, string Message, IReadOnlyList<string> Traceback) : CellOutput;

    /// <summary>Removes the cell's outputs so far, at once or when the next one comes.</summary>
    public sealed record Clear(bool Wait) : CellOutput;
}
