using System.Reflection;

namespace Recipes.Notebook.Gallery;

/// <summary>Text on its way into a page, and the shell of every page.</summary>
internal static class Html
{
    // Outputs run their own scripts; nothing is fetched and nothing leaves.
    private const string Policy =
        "default-src 'none'; img-src data: blob:; media-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "base-uri 'none'; form-action 'none'";

    private static readonly Lazy<string> Css = new(() => Read("page.css"));

    /// <summary>For element content and for attribute values in double quotes.</summary>
    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>A whole page that loads nothing.</summary>
    /// <param name="title">Plain text.</param>
    /// <param name="kind">The body's class, which the style knows.</param>
    /// <param name="body">HTML.</param>
    public static string Page(string title, string kind, string body) =>
        $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>{Escape(title)}</title>
            <style>
            {Css.Value}</style>
            </head>
            <body class="{kind}">
            {body}
            </body>
            </html>

            """;

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Recipes.Notebook.Gallery." + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
