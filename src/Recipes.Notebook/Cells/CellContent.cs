using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells;

/// <summary>The languages of cells: two that run, and some whose text is shown as it is.</summary>
internal static class CellContent
{
    /// <summary>What <c>#!name</c> can begin here.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [CellLanguages.CSharp, CellLanguages.FSharp, CellLanguages.Markdown, "html", "javascript", "mermaid"];

    /// <summary>The bundle that shows a text of this language, or null when the language runs.</summary>
    /// <exception cref="CellException">Nothing here runs or shows it.</exception>
    public static MimeBundle? Show(string language, string text) =>
        language switch
        {
            CellLanguages.CSharp or CellLanguages.FSharp => null,
            CellLanguages.Markdown => MimeBundle.Of("text/markdown", text),
            "html" => MimeBundle.Of("text/html", text),
            "javascript" => MimeBundle.Of("application/javascript", text),
            // JupyterLab draws fenced mermaid in markdown; elsewhere it reads as source.
            "mermaid" => MimeBundle.Of("text/markdown", $"```mermaid\n{text}\n```"),
            _ => throw CellException.Magic($"'{language}' is no language of this kernel. Known: {string.Join(", ", Names)}."),
        };
}
