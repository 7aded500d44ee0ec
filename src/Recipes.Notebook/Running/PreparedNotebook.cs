using Recipes.Notebook.Cells;
using Recipes.Notebook.Documents;
using Recipes.Notebook.Running.Parameters;

namespace Recipes.Notebook.Running;

// A notebook of which everything that can be checked before it runs has been checked.
internal sealed record PreparedNotebook(string File, NotebookDocument Document, IReadOnlyList<CellRun> Cells)
{
    private const string SkipTag = "skip-execution";

    public string Folder => Path.GetDirectoryName(Path.GetFullPath(File))!;

    /// <summary>Of cells that name none, if it can run here.</summary>
    public string Language => Document.DefaultLanguage == CellLanguages.FSharp ? CellLanguages.FSharp : CellLanguages.CSharp;

    public static PreparedNotebook Load(string file, IReadOnlyList<string> parameters)
    {
        if (!System.IO.File.Exists(file))
            throw new RecipesException(
                Directory.Exists(file) ? $"{file}: is a folder; expected an .ipynb or .dib file" : $"{file}: no such file"
            );
        var document = NotebookDocument.Load(file);
        NotebookParameters.Set(document, file, parameters);
        var cells = document.Cells.Where(c => c.Kind == CellKind.Code).Select((c, i) => new CellRun(c, i + 1)).ToList();
        var strange = cells.Where(c => !Skips(c) && !CellContent.Names.Contains(c.Cell.Language)).ToLookup(c => c.Cell.Language);
        RecipesException.ThrowIfAny(
            $"{file}: has cells that cannot run here (known: {string.Join(", ", CellContent.Names)}), nothing ran:",
            [.. strange.Select(s => $"'{s.Key}': cell {string.Join(", ", s.Select(c => c.Number))}. Tag them {SkipTag} to run the others")]
        );
        return new(file, document, cells);
    }

    /// <summary>Whether a cell is passed over: tagged so, or empty.</summary>
    public static bool Skips(CellRun cell) =>
        cell.Cell.Tags.Contains(SkipTag) || string.IsNullOrWhiteSpace(CellLanguages.Split(cell.Cell.Source).Body);
}
