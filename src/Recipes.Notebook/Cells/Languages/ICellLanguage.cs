namespace Recipes.Notebook.Cells.Languages;

/// <summary>One language of a session: runs code, keeps its variables, helps to write it.</summary>
internal interface ICellLanguage
{
    /// <summary><c>csharp</c> or <c>fsharp</c>.</summary>
    string Name { get; }

    /// <summary>Compiles and runs; call it on the cells' thread. What it returns is shown when it is a value.</summary>
    /// <param name="code">The code without magics; lines of magics are empty, so that line numbers are the cell's.</param>
    /// <param name="cell">The cell's name for errors, for example <c>cell 3</c>.</param>
    /// <param name="cancellation">Stops compiling.</param>
    /// <exception cref="CellException">It does not compile.</exception>
    Task<CellValue> RunAsync(string code, string cell, CancellationToken cancellation);

    /// <summary>The variables, newest of each name, by name.</summary>
    IReadOnlyList<Variable> Variables();

    /// <summary>Declares a variable that holds this very object.</summary>
    /// <exception cref="CellException">The language has no name for the type or any base of it.</exception>
    void Set(string name, object? value, Type type);

    /// <summary>Makes an assembly's types usable in later cells.</summary>
    void AddReferences(IReadOnlyList<string> paths);

    Completions Complete(string code, int cursor, CancellationToken cancellation);

    MimeBundle? Inspect(string code, int cursor, CancellationToken cancellation);

    Completeness IsComplete(string code);
}

/// <summary>What a cell's last expression gave.</summary>
internal readonly record struct CellValue(bool Shown, object? Value)
{
    /// <summary>The cell ended with a statement.</summary>
    public static CellValue None => default;
}

/// <summary>A variable of a language.</summary>
internal sealed record Variable(string Name, Type Type, object? Value);
