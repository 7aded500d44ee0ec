using System.Text.RegularExpressions;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>A notebook of the gallery: its page and its card.</summary>
internal sealed partial class GalleryNotebook
{
    private readonly string _path;
    private readonly NotebookDocument _document;

    private GalleryNotebook(string path, string name, NotebookDocument document) =>
        (_path, Link, _document) = (path, $"notebooks/{name}.html", document);

    /// <summary>The page, relative to the index.</summary>
    public string Link { get; }

    /// <summary>The notebooks of a folder and its subfolders, in the order of their names.</summary>
    /// <exception cref="RecipesException">There is no such folder, or notebooks cannot be read; all of them are named.</exception>
    public static IReadOnlyList<GalleryNotebook> In(string folder)
    {
        if (!Directory.Exists(folder))
            throw new RecipesException($"{folder}: no such folder. Name the one that holds the notebooks with --notebooks.");
        var (found, problems, names) = (
            new List<GalleryNotebook>(),
            new List<string>(),
            new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        );
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(folder, path);
            if (
                Path.GetExtension(path).ToLowerInvariant() is not (".ipynb" or ".dib")
                || relative.Split(Path.DirectorySeparatorChar).Any(IsHidden)
            )
                continue;
            try
            {
                var name = Named(relative);
                while (!names.Add(name))
                    name += "-2";
                found.Add(new(path, name, NotebookDocument.Load(path)));
            }
            catch (RecipesException e)
            {
                problems.AddRange(e.Problems);
            }
        }
        RecipesException.ThrowIfAny("notebooks that cannot be shown (no gallery was written):", problems);
        return found;
    }

    /// <summary>The page. Links to other notebooks of the gallery lead to their pages, other relative links to nothing.</summary>
    public string Page(IReadOnlyList<GalleryNotebook> all)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(_path))!;
        var pages = all.ToDictionary(n => Path.GetFullPath(n._path), n => Path.GetFileName(n.Link), StringComparer.Ordinal);
        var markdown = new MarkdownHtml
        {
            Folder = folder,
            Link = link =>
            {
                var parts = link.Split('#', 2);
                return pages.GetValueOrDefault(Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(parts[0])))) is { } page
                    ? page + link[parts[0].Length..]
                    : null;
            },
        };
        var back = "<p class=\"back\"><a href=\"../index.html\">All notebooks and reports</a></p>\n";
        return NotebookHtml.Render(_document, Path.GetFileNameWithoutExtension(_path), markdown, back);
    }

    /// <summary>The card: the first heading, the first sentence, the first picture or code.</summary>
    public GalleryCard Card()
    {
        var prose = _document.Cells.Where(c => c.Kind == CellKind.Markdown).SelectMany(c => MarkdownHtml.Parse(c.Source)).ToList();
        var title = prose.OfType<HeadingBlock>().Select(h => MarkdownHtml.Text(h.Inline)).FirstOrDefault(t => t.Length > 0);
        var text =
            prose
                .OfType<ParagraphBlock>()
                .Where(p => p.Inline is { } inline && inline.Any(i => i is not LinkInline))
                .Select(p => MarkdownHtml.Text(p.Inline))
                .FirstOrDefault(t => t.Length > 0)
            ?? "";
        var about = Sentence().Match(text) is { Success: true } sentence ? sentence.Value : text;
        return new(
            Link,
            title ?? Path.GetFileNameWithoutExtension(_path),
            about.Length > 240 ? about[..239] + "…" : about,
            Html.Escape($"Notebook · {NotebookHtml.Facts(_document)}"),
            Pictures.First(_document) is { } picture ? GalleryCard.Picture(picture) : Code()
        );
    }

    // A notebook without pictures shows its first code.
    private string Code()
    {
        var cell =
            _document.Cells.FirstOrDefault(c => c.Kind == CellKind.Code && c.Source.Count(l => l == '\n') > 1)
            ?? _document.Cells.FirstOrDefault(c => c.Kind == CellKind.Code);
        var lines = cell?.Source.Split('\n').Take(9) ?? [];
        return $"<pre class=\"thumb\" aria-hidden=\"true\">{CodeColours.ToHtml(string.Join('\n', lines), cell?.Language ?? "")}</pre>";
    }

    // Both kinds of slash: names are made on one system and read on another.
    private static string Named(string relative) => Path.ChangeExtension(relative, null).Replace('\\', '-').Replace('/', '-');

    private static bool IsHidden(string part) => part.StartsWith('.');

    [GeneratedRegex(@"^.{20,}?[.!?](?=\s|$)", RegexOptions.None, 10_000)]
    private static partial Regex Sentence();
}
