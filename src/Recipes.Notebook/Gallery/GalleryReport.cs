using System.Net;
using System.Text.RegularExpressions;
using Recipes.Reproductions;

namespace Recipes.Notebook.Gallery;

/// <summary>A run's report in the gallery.</summary>
/// <param name="Folder">The run.</param>
/// <param name="Name">The reproduction.</param>
internal sealed partial record GalleryReport(string Folder, string Name)
{
    /// <summary>The page, relative to the index.</summary>
    public string Link => $"reports/{Name}.html";

    /// <summary>The report's file.</summary>
    public string File => Path.Combine(Folder, "report.html");

    /// <summary>The newest run with a report of each reproduction, in the order of their names.</summary>
    /// <param name="runs">The folder of all runs; it need not be there.</param>
    public static IReadOnlyList<GalleryReport> In(string runs) =>
        !Directory.Exists(runs)
            ? []
            :
            [
                .. Directory
                    .GetDirectories(runs)
                    .Order(StringComparer.Ordinal)
                    .Select(reproduction => (Name: Path.GetFileName(reproduction), Run: Newest(reproduction)))
                    .Where(found => found.Run is not null)
                    .Select(found => new GalleryReport(found.Run!, found.Name)),
            ];

    /// <summary>The card: title and subtitle of the report, verdicts of its claims, its first picture.</summary>
    public GalleryCard Card()
    {
        var html = System.IO.File.ReadAllText(File);
        var title = Title().Match(html).Groups["text"].Value;
        var subtitle = Subtitle().Match(html).Groups["text"].Value;
        return new(
            Link,
            title.Length > 0 ? WebUtility.HtmlDecode(title) : Name,
            WebUtility.HtmlDecode(subtitle),
            Verdicts(),
            Pictures.InHtml(html) is { } picture ? GalleryCard.Picture(picture) : ""
        );
    }

    private string Verdicts()
    {
        if (!System.IO.File.Exists(Path.Combine(Folder, Ledger.FileName)))
            return "Report · unfinished run";
        var claims = Ledger.Read(Folder);
        var parts = new[]
        {
            (Verdict.Holds, "hold", "good"),
            (Verdict.Fails, "fail", "bad"),
            (Verdict.NotAttempted, "not attempted", "quiet"),
        }
            .Select(v => (Count: claims.Count(c => c.Verdict == v.Item1), Word: v.Item2, Class: v.Item3))
            .Where(v => v.Count > 0)
            .Select(v => $"<span class=\"{v.Class}\">{v.Count} {v.Word}</span>");
        return $"Report · claims: {string.Join(" · ", parts.DefaultIfEmpty("none"))}";
    }

    // The names of runs start with their date.
    private static string? Newest(string reproduction) =>
        Directory
            .GetDirectories(reproduction)
            .OrderByDescending(run => run, StringComparer.Ordinal)
            .FirstOrDefault(run => System.IO.File.Exists(Path.Combine(run, "report.html")));

    [GeneratedRegex("<title>(?<text>[^<]*)</title>", RegexOptions.None, 10_000)]
    private static partial Regex Title();

    [GeneratedRegex("<p class=\"subtitle\">(?<text>[^<]*)</p>", RegexOptions.None, 10_000)]
    private static partial Regex Subtitle();
}
