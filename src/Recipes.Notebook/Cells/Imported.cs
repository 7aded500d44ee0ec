using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells;

/// <summary>The code of a file that a cell imports.</summary>
internal static class Imported
{
    /// <summary>Code cells in order, with their languages.</summary>
    /// <exception cref="CellException">No such file, or no kind that can be imported.</exception>
    public static IReadOnlyList<(string Code, string Language)> Cells(string file)
    {
        if (!File.Exists(file))
            throw CellException.Magic($"#!import {file}: no such file in {Environment.CurrentDirectory}.");
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".csx" or ".cs" => [(File.ReadAllText(file), "csharp")],
            ".fsx" or ".fs" => [(File.ReadAllText(file), "fsharp")],
            ".ipynb" or ".dib" =>
            [
                .. NotebookDocument.Load(file).Cells.Where(c => c.Kind == CellKind.Code).Select(c => (c.Source, c.Language)),
            ],
            var other => throw CellException.Magic($"#!import {file}: expected .csx, .fsx, .ipynb or .dib, found '{other}'."),
        };
    }
}
