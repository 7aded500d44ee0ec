using System.Text.Json.Nodes;
using Recipes.Display;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>plotly.js of a page: however many outputs brought it, it stands once at the end, and only where there is a chart.</summary>
internal static class ChartScript
{
    /// <summary>What every chart in HTML starts with.</summary>
    private const string Chart = "<figure class=\"chart\">";

    /// <summary>Whether a script is plotly.js or draws our charts.</summary>
    public static bool IsLibrary(string script) =>
        script.Length > 20_000
            ? script.Contains("plotly.js v", StringComparison.Ordinal) || script.Contains("recipesCharts", StringComparison.Ordinal)
            : script.Contains("Plotly.react(plot.lastElementChild", StringComparison.Ordinal);

    /// <summary>The scripts that a page's body needs; empty without charts.</summary>
    public static string For(string body) => body.Contains(Chart, StringComparison.Ordinal) ? new InteractiveCharts().ToHtml() : "";

    /// <summary>A Plotly figure that came as JSON.</summary>
    public static string Figure(JsonNode? figure)
    {
        var json = new JsonObject
        {
            ["data"] = figure.At("data")?.DeepClone() ?? new JsonArray(),
            ["layout"] = figure.At("layout")?.DeepClone() ?? new JsonObject(),
            ["config"] = figure.At("config")?.DeepClone() ?? new JsonObject(),
        };
        var text = JsonText.Line(json).Replace("<", "\\u003c", StringComparison.Ordinal);
        var title = figure.At("layout", "title", "text").AsText() ?? figure.At("layout", "title").AsText() ?? "";
        return $"<div class=\"recipes\">{Chart}<figcaption>{Html.Escape(title)}</figcaption><div class=\"plot\"><svg></svg></div>"
            + $"<script type=\"application/json\">{text}</script></figure></div>";
    }
}
