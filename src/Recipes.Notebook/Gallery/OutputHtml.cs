using System.Text.Json.Nodes;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>Stored outputs as HTML: of a value, its richest form.</summary>
internal static class OutputHtml
{
    private const string Plotly = "application/vnd.plotly.v1+json";

    private static readonly string[] Richest =
    [
        "text/html",
        "image/svg+xml",
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        Plotly,
        "text/markdown",
        "text/latex",
        "application/json",
        "text/plain",
    ];

    /// <summary>One output; empty when there is nothing to see.</summary>
    public static string ToHtml(JsonNode? output) =>
        output.At("output_type").AsText() switch
        {
            "stream" => Stream(output.At("name").AsText() ?? "stdout", Multiline.Read(output.At("text")) ?? ""),
            "error" => Error(output),
            _ => output.At("data") is JsonObject data ? Value(data, output.At("metadata")) : "",
        };

    /// <summary>The MIME type that is shown, and its text.</summary>
    public static (string Type, string Text)? Best(JsonObject data)
    {
        var type = Richest.FirstOrDefault(data.ContainsKey) ?? data.Select(p => p.Key).FirstOrDefault();
        return type is null ? null : (type, Multiline.Read(data[type]) ?? JsonText.Line(data[type]));
    }

    /// <summary>A picture's address.</summary>
    public static string DataUri(string type, string text) =>
        type == "image/svg+xml"
            ? $"data:{type};base64,{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text))}"
            : $"data:{type};base64,{string.Concat(text.Where(c => !char.IsWhiteSpace(c)))}";

    private static string Stream(string name, string text)
    {
        var html = TerminalText.ToHtml(text).TrimEnd('\n');
        return html.Length == 0 ? "" : $"<pre class=\"output text {(name == "stderr" ? "stderr" : "stdout")}\" tabindex=\"0\">{html}</pre>";
    }

    private static string Error(JsonNode? output)
    {
        var (name, message) = (output.At("ename").AsText() ?? "Error", output.At("evalue").AsText() ?? "");
        var lines = output.At("traceback") is JsonArray list ? string.Join('\n', list.Select(line => line.AsText())) : "";
        var trace = lines.Length == 0 ? "" : $"<pre tabindex=\"0\">{TerminalText.ToHtml(lines)}</pre>";
        return $"<div class=\"output error\" role=\"note\"><p><strong>{Html.Escape(name)}</strong> {TerminalText.ToHtml(message)}</p>{trace}</div>";
    }

    private static string Value(JsonObject data, JsonNode? metadata)
    {
        if (Best(data) is not var (type, text))
            return "";
        return type switch
        {
            "text/html" => Framed("html", HtmlFragment.Closed(text, ChartScript.IsLibrary)),
            _ when type.StartsWith("image/", StringComparison.Ordinal) => Framed("image", Image(type, text, data, metadata)),
            Plotly => Framed("html", ChartScript.Figure(data[type])),
            "text/markdown" => Framed("markdown", new MarkdownHtml().ToHtml(text)),
            "text/latex" => Framed("markdown", new MarkdownHtml().ToHtml(text.Contains('$') ? text : $"$$\n{text}\n$$")),
            _ => text.Length == 0 ? "" : $"<pre class=\"output text\" tabindex=\"0\">{TerminalText.ToHtml(text)}</pre>",
        };
    }

    private static string Framed(string kind, string html) => html.Length == 0 ? "" : $"<div class=\"output {kind}\">{html}</div>";

    private static string Image(string type, string text, JsonObject data, JsonNode? metadata)
    {
        var size = metadata.At(type, "width").AsInt() is { } width ? $" width=\"{width}\"" : "";
        var alt = Multiline.Read(data["text/plain"]) is { Length: > 0 and < 300 } plain ? plain : "picture";
        return $"<img src=\"{Html.Escape(DataUri(type, text))}\" alt=\"{Html.Escape(alt)}\"{size}>";
    }
}
