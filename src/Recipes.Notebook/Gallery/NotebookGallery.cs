using System.Text;

namespace Recipes.Notebook.Gallery;

/// <summary>How much a gallery shows.</summary>
/// <param name="Notebooks">Pages of notebooks.</param>
/// <param name="Reports">Reports of runs.</param>
public sealed record GalleryContents(int Notebooks, int Reports);

/// <summary>A folder of static pages: an index, every notebook, the newest report of every reproduction. It opens from a disk, offline.</summary>
public static class NotebookGallery
{
    private const string Marker = ".recipes-gallery";

    /// <summary>Writes the gallery, whole or not at all. An older gallery in its place is replaced.</summary>
    /// <param name="folder">New, empty, or an older gallery.</param>
    /// <param name="notebooks">A folder of <c>.ipynb</c> and <c>.dib</c> files.</param>
    /// <param name="runs">The folder of all runs; it need not be there.</param>
    /// <exception cref="RecipesException">The folder holds something else, cannot be written, or notebooks cannot be read.</exception>
    public static GalleryContents Write(string folder, string notebooks, string runs)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Check(folder, target);
        var pages = GalleryNotebook.In(notebooks);
        var reports = GalleryReport.In(runs);
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            foreach (var page in pages)
                AtomicFile.WriteText(Path.Combine(temporary, page.Link), page.Page(pages));
            foreach (var report in reports)
                AtomicFile.Write(Path.Combine(temporary, report.Link), stream => stream.Write(File.ReadAllBytes(report.File)));
            AtomicFile.WriteText(Path.Combine(temporary, "index.html"), Index(pages, reports, runs));
            AtomicFile.WriteText(Path.Combine(temporary, Marker), "'recipes notebook gallery' replaces this folder.\n");
            if (Directory.Exists(target))
                Directory.Delete(target, recursive: true);
            Directory.Move(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{folder}: cannot be written ({e.Message.TrimEnd('.')}). Choose another place with --out.", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
        return new(pages.Count, reports.Count);
    }

    private static void Check(string folder, string target)
    {
        if (File.Exists(target))
            throw new RecipesException($"{folder}: is a file; expected a folder for the gallery. Choose another place with --out.");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any() && !File.Exists(Path.Combine(target, Marker)))
            throw new RecipesException(
                $"{folder}: holds files that are no gallery of ours (it has no {Marker}). Choose a new or empty folder with --out."
            );
    }

    private static string Index(IReadOnlyList<GalleryNotebook> notebooks, IReadOnlyList<GalleryReport> reports, string runs)
    {
        var body = new StringBuilder("<h1>Recipes: notebooks and reports</h1>\n");
        body.Append(
            "<p>Everything here was made by running it; outputs and charts are as they were shown. It opens offline.</p>\n<main>\n"
        );
        Section(body, "Notebooks", [.. notebooks.Select(n => n.Card())], "There are no notebooks in the folder.");
        Section(
            body,
            "Reports",
            [.. reports.Select(r => r.Card())],
            $"There are no reports of runs in {runs} yet: 'recipes run NAME' makes one."
        );
        return Html.Page("Recipes: notebooks and reports", "index", body.Append("</main>").ToString());
    }

    private static void Section(StringBuilder body, string heading, IReadOnlyList<GalleryCard> cards, string none)
    {
        body.Append($"<section>\n<h2>{heading}</h2>\n");
        if (cards.Count == 0)
            body.Append($"<p class=\"facts\">{Html.Escape(none)}</p>\n");
        else
            body.Append("<ul class=\"cards\">\n").AppendJoin('\n', cards.Select(c => c.ToHtml())).Append("\n</ul>\n");
        body.Append("</section>\n");
    }
}
