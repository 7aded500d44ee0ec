using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>Pictures as addresses that need no file.</summary>
internal static partial class Pictures
{
    private const int Largest = 8_000_000;

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>A picture file beside a notebook as a data address; null when it is none, missing or larger than 8 MB.</summary>
    public static string? Inline(string folder, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relative));
        if (!Types.TryGetValue(Path.GetExtension(path), out var type) || !File.Exists(path) || new FileInfo(path).Length > Largest)
            return null;
        return $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}";
    }

    /// <summary>The first picture among a notebook's outputs, or null.</summary>
    public static string? First(NotebookDocument document) =>
        document
            .Cells.Where(c => c.Kind == CellKind.Code)
            .SelectMany(c => c.Json["outputs"] as JsonArray ?? [])
            .Select(o => o.At("data") is JsonObject data && OutputHtml.Best(data) is { } best ? Of(best.Type, best.Text) : null)
            .FirstOrDefault(picture => picture is not null);

    /// <summary>The first picture of an HTML text, or null. Small ones, such as icons and sprites, are passed over.</summary>
    public static string? InHtml(string html)
    {
        foreach (Match m in Picture().Matches(Script().Replace(html, "")))
            if (m.Groups["uri"].Success)
                return m.Groups["uri"].Value;
            else if (m.Length > 1000)
                return OutputHtml.DataUri("image/svg+xml", Namespaced(m.Value));
        return null;
    }

    private static string? Of(string type, string text) =>
        type.StartsWith("image/", StringComparison.Ordinal) ? OutputHtml.DataUri(type, text)
        : type == "text/html" ? InHtml(text)
        : null;

    // Inside a page an SVG needs no namespace, as a picture of its own it does.
    private static string Namespaced(string svg) =>
        svg[..svg.IndexOf('>')].Contains("xmlns=", StringComparison.Ordinal)
            ? svg
            : "<svg xmlns=\"http://www.w3.org/2000/svg\" style=\"color-scheme:light dark\"" + svg[4..];

    [GeneratedRegex("""<img\b[^>]*?\bsrc="(?<uri>data:image/[^"]{400,})"|<svg\b[\s\S]*?</svg>""", RegexOptions.None, 10_000)]
    private static partial Regex Picture();

    [GeneratedRegex(@"<script\b[\s\S]*?</script>", RegexOptions.None, 10_000)]
    private static partial Regex Script();
}
