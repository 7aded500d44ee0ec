using System.Text;
using Recipes.Notebook.Gallery;

namespace Recipes.Notebook.Running;

/// <summary>A run as a page: what became of it and how long each cell took, then the notebook with its outputs.</summary>
public static class RunPage
{
    /// <summary>Writes the page, whole or not at all. It loads nothing.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public static void Write(string path, NotebookRun run) => AtomicFile.WriteText(path, ToHtml(run));

    /// <summary>The page.</summary>
    public static string ToHtml(NotebookRun run) =>
        NotebookHtml.Render(
            run.Document,
            Path.GetFileNameWithoutExtension(run.File),
            new MarkdownHtml { Folder = Path.GetDirectoryName(Path.GetFullPath(run.File)) },
            Head(run)
        );

    private static string Head(NotebookRun run)
    {
        var html = new StringBuilder($"<details class=\"run markdown\"{(run.Passed ? "" : " open")}>\n");
        html.Append($"<summary>{Html.Escape(run.ToString().Split('\n')[^1])}</summary>\n");
        html.Append($"<p class=\"facts\">{Html.Escape(run.File)} · {run.Started:yyyy-MM-dd HH:mm:ss zzz}");
        html.AppendJoin("", run.Parameters.Select(p => $" · {Html.Escape(p.Key)} = {Html.Escape(p.Value)}")).Append("</p>\n");
        html.Append("<table><thead><tr><th>cell</th><th>status</th><th>seconds</th><th>first line</th></tr></thead><tbody>\n");
        foreach (var cell in run.Cells)
        {
            var error = cell.Error is { } e ? $"<br>{Html.Escape($"{e.Name}: {e.Message}")}" : "";
            html.Append($"<tr><td>{cell.Number}</td><td>{cell.Status}</td><td>{cell.Seconds:F1}</td>");
            html.Append($"<td><code>{Html.Escape(cell.Title)}</code>{error}</td></tr>\n");
        }
        return html.Append("</tbody></table>\n</details>\n").ToString();
    }
}
