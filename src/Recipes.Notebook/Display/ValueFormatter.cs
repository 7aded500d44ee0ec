using System.Globalization;
using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Cells.Execution;

namespace Recipes.Notebook.Display;

/// <summary>How any value shows itself in a notebook.</summary>
/// <remarks>
/// In this order: simple values as text; a formatter registered with Microsoft.DotNet.Interactive.Formatting; the by-name
/// attribute <c>TypeFormatterSource</c>; a public <c>string ToHtml()</c>; what this library knows (tensors, networks, Plotly
/// charts, pictures, F# values); the package's own rules.
/// </remarks>
public static class ValueFormatter
{
    private static readonly ChartPage _process = new();

    /// <summary>
    /// The value by MIME type, always with <c>text/plain</c>. Never throws: a formatter that fails is shown as its error. The
    /// first chart of a session brings the script that makes all charts interactive.
    /// </summary>
    public static MimeBundle Format(object? value)
    {
        if (Simple(value) is { } simple)
            return MimeBundle.Text(simple);
        var data = new JsonObject();
        foreach (var (type, text) in Rich(value!))
            data[type] = type.EndsWith("json", StringComparison.Ordinal) ? Json(text) : text;
        return new MimeBundle((CellContext.Current?.Charts ?? _process).Complete(data), []);
    }

    /// <summary>The value as plain text alone. Never throws.</summary>
    public static string Text(object? value) => Simple(value) ?? Shown.Of(value!).Text();

    private static IEnumerable<(string Type, string Text)> Rich(object value)
    {
        if (value is MimeValue own)
            return [(own.MimeType, own.Content), ("text/plain", own.ToString())];
        var shown = Shown.Of(value);
        return [.. shown.Rich(), ("text/plain", shown.Text())];
    }

    // What needs no package: nothing is loaded for the first number. A formatter that the user registered wins.
    private static string? Simple(object? value)
    {
        string? text = value switch
        {
            null => "null",
            string s => s,
            DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
            DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
            bool or char or Enum or Guid or Version or Uri => value.ToString(),
            IFormattable number when value.GetType().Namespace is "System" or "System.Numerics" => number.ToString(
                null,
                CultureInfo.InvariantCulture
            ),
            _ => null,
        };
        return value is not null && text is not null && Package.IsRegistered(value.GetType()) ? null : text;
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }
    }
}
