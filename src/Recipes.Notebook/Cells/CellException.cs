namespace Recipes.Notebook.Cells;

/// <summary>A cell cannot run: it does not compile, or a magic is wrong. The user sees the name and the lines as they are.</summary>
internal sealed class CellException(string name, params IReadOnlyList<string> lines) : Exception(string.Join("\n", lines))
{
    /// <summary>What a front end shows as the error's name.</summary>
    public string Name { get; } = name;

    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Lines { get; } = lines;

    public static CellException Compilation(IReadOnlyList<string> lines) => new("CompilationError", lines);

    public static CellException Magic(string message) => new("MagicError", message);
}
