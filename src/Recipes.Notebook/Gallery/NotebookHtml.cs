using System.Text;
using System.Text.Json.Nodes;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>
/// A notebook as one HTML page that opens anywhere and loads nothing: prose with formulas, code with its language and count,
/// outputs as they were shown, charts interactive.
/// </summary>
public static class NotebookHtml
{
    /// <summary>The page.</summary>
    /// <param name="document">A notebook; its outputs are trusted to run their own scripts.</param>
    /// <param name="title">Shown where the notebook has no heading.</param>
    /// <param name="folder">Where the pictures that the prose names by relative paths are; null leaves them out.</param>
    public static string Render(NotebookDocument document, string? title = null, string? folder = null) =>
        Render(document, title, new MarkdownHtml { Folder = folder }, "");

    /// <summary>The page, with a way back to the page that lists it.</summary>
    internal static string Render(NotebookDocument document, string? title, MarkdownHtml markdown, string head)
    {
        var cells = new StringBuilder();
        foreach (var cell in document.Cells)
            cells.Append(Cell(cell, markdown));
        var name = markdown.Headings.FirstOrDefault(h => h.Level == 1).Text ?? title ?? "Notebook";
        var facts = $"<p class=\"facts\">{Html.Escape(Facts(document))}</p>";
        // Beneath the notebook's own title; above everything where it has none.
        var end = cells.ToString().IndexOf("</h1>", StringComparison.Ordinal);
        if (end >= 0)
            cells.Insert(end + "</h1>".Length, "\n" + facts);
        else
            cells.Insert(0, $"<h1>{Html.Escape(name)}</h1>\n{facts}\n");
        var body = $"{head}{Contents(markdown.Headings)}<main>\n{cells}</main>\n";
        return Html.Page(name, "notebook", body + ChartScript.For(body));
    }

    private static string Cell(NotebookCell cell, MarkdownHtml markdown) =>
        cell.Kind switch
        {
            CellKind.Markdown => $"<div class=\"cell prose\">\n{markdown.ToHtml(cell.Source, cell.Json["attachments"])}</div>\n",
            CellKind.Raw => cell.Source.Length == 0 ? "" : $"<pre class=\"cell raw\" tabindex=\"0\">{Html.Escape(cell.Source)}</pre>\n",
            _ => Code(cell),
        };

    private static string Code(NotebookCell cell)
    {
        var outputs = cell.Json["outputs"] is JsonArray list
            ? string.Join('\n', list.Select(OutputHtml.ToHtml).Where(o => o.Length > 0))
            : "";
        if (cell.Source.Length == 0 && outputs.Length == 0)
            return "";
        var html = new StringBuilder("<div class=\"cell code\">\n");
        if (cell.Source.Length > 0)
        {
            var tags = string.Concat(cell.Tags.Select(tag => $"<span class=\"tag\">{Html.Escape(tag)}</span>"));
            var count = cell.ExecutionCount is { } n ? $"<span class=\"count\">[{n}]</span>" : "";
            var language = Html.Escape(CellLanguages.Title(cell.Language));
            html.Append($"<div class=\"source\"><div class=\"label\">{tags}<span class=\"language\">{language}</span>{count}</div>")
                .Append($"<pre tabindex=\"0\"><code>{CodeColours.ToHtml(cell.Source, cell.Language)}</code></pre></div>\n");
        }
        return html.Append(outputs).Append("\n</div>\n").ToString();
    }

    // Short notebooks need no contents; where the text has no room beside it, the list starts closed.
    private static string Contents(List<(int Level, string Text, string Anchor)> headings)
    {
        var shown = headings.Where(h => h.Level is 2 or 3).ToList();
        if (shown.Count < 3)
            return "";
        var items = shown.Select(h => $"<li class=\"level{h.Level}\"><a href=\"#{h.Anchor}\">{Html.Escape(h.Text)}</a></li>");
        return $"<nav aria-label=\"Contents\"><details open><summary>Contents</summary><ol>{string.Concat(items)}</ol></details>"
            + "<script>document.querySelector('nav details').open = matchMedia('(min-width: 76rem)').matches;</script></nav>\n";
    }

    /// <summary>Languages, cells, errors in one line of plain text.</summary>
    internal static string Facts(NotebookDocument document)
    {
        var code = document.Cells.Where(c => c.Kind == CellKind.Code && c.Source.Length > 0).ToList();
        string[] languages = [.. code.Select(c => CellLanguages.Title(c.Language)).Distinct()];
        var named = languages switch
        {
            [] => CellLanguages.Title(document.DefaultLanguage),
            [var one] => one,
            [.. var first, var last] => $"{string.Join(", ", first)} and {last}",
        };
        var failed = code.Count(c => c.Json["outputs"] is JsonArray list && list.Any(o => o.At("output_type").AsText() == "error"));
        var facts = $"{named} · {code.Count} code cell{(code.Count == 1 ? "" : "s")}";
        return failed == 0 ? facts : $"{facts} · {failed} with an error";
    }
}
