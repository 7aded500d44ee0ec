using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>Notebook files from one format to another.</summary>
public static class NotebookConvert
{
    /// <summary>Reads a file and writes another, each by its extension: <c>.ipynb</c>, <c>.dib</c>, <c>.csx</c>, <c>.fsx</c>.</summary>
    /// <returns>What the new format has no place for, one sentence each; empty when nothing is lost.</returns>
    /// <exception cref="RecipesException">The input cannot be read, the output not written, or a format is unknown.</exception>
    public static IReadOnlyList<string> Convert(string input, string output)
    {
        var target = DocumentFormat.Of(output).Extension;
        var document = NotebookDocument.Load(input);
        document.Save(output);
        return target == ".ipynb" ? [] : [.. Lost(document, target)];
    }

    private static IEnumerable<string> Lost(NotebookDocument document, string target)
    {
        var outputs = document.Cells.Sum(c => c.Json["outputs"] is JsonArray list ? list.Count : 0);
        if (outputs > 0)
            yield return $"{outputs} outputs are left out: {target} files hold none";
        var attachments = document.Cells.Count(c => c.Json["attachments"] is JsonObject { Count: > 0 });
        if (attachments > 0)
            yield return $"{attachments} cells lose their attachments";
        if (target == ".dib" && document.Cells.Any(c => c.Tags.Count > 0))
            yield return "tags are left out: .dib files hold none";
        if (target == ".dib")
            yield break;
        var own = target == ".csx" ? CellLanguages.CSharp : CellLanguages.FSharp;
        var others = document.Cells.Count(c => c.Kind == CellKind.Code && c.Language != own);
        if (others > 0)
            yield return $"{others} cells of another language are comments in a {CellLanguages.Title(own)} script";
    }
}
