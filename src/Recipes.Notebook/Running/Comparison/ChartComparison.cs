using System.Text.Json.Nodes;

namespace Recipes.Notebook.Running.Comparison;

// Plotly figures by structure: the same traces (type, name, mode, how many points), titles and axes. Their values may differ.
internal static class ChartComparison
{
    public static bool IsChart(JsonNode? json) =>
        json is JsonObject figure && figure["data"] is JsonArray && figure["layout"] is JsonObject;

    public static Finding? Compare(JsonNode stored, JsonNode now, NumberRule rule)
    {
        var (a, b) = (stored["data"]!.AsArray(), now["data"]!.AsArray());
        if (a.Count != b.Count)
            return new("chart: traces", Names(a), Names(b));
        return a.Zip(b)
                .Select((pair, i) => Trace(pair.First!, pair.Second!, rule)?.Within($"chart: trace {i + 1}"))
                .FirstOrDefault(f => f is not null)
            ?? Layout(stored["layout"]!, now["layout"]!, rule)?.Within("chart");
    }

    private static Finding? Trace(JsonNode a, JsonNode b, NumberRule rule)
    {
        foreach (var key in (string[])["type", "name", "mode", "orientation"])
            if (!TextComparison.Same(Text(a[key]), Text(b[key]), rule))
                return new(key, Text(a[key]), Text(b[key]));
        return Lengths(a) == Lengths(b) ? null : new("lengths", Lengths(a), Lengths(b));
    }

    private static Finding? Layout(JsonNode a, JsonNode b, NumberRule rule)
    {
        var (titles, others) = (Titles(a), Titles(b));
        return TextComparison.Same(titles, others, rule) ? null : new("titles and axes", titles, others);
    }

    // Each array of a trace; typed arrays of plotly.js 3 are base64 in "bdata".
    private static string Lengths(JsonNode trace) =>
        string.Join(
            ", ",
            trace
                .AsObject()
                .Select(p => (p.Key, Length: Length(p.Value)))
                .Where(p => p.Length.Length > 0)
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => $"{p.Key} {p.Length}")
        );

    private static string Length(JsonNode? value) =>
        value switch
        {
            JsonArray rows when rows.Count > 0 && rows[0] is JsonArray =>
                $"{rows.Count}x{string.Join('/', rows.Select(r => (r as JsonArray)?.Count).Distinct())}",
            JsonArray list => $"{list.Count}",
            JsonObject typed when typed["bdata"] is { } bytes => $"{Text(bytes).Length} bytes",
            _ => "",
        };

    private static string Titles(JsonNode layout) =>
        string.Join(
            "; ",
            layout
                .AsObject()
                .Where(p =>
                    p.Key == "title"
                    || p.Key.StartsWith("xaxis", StringComparison.Ordinal)
                    || p.Key.StartsWith("yaxis", StringComparison.Ordinal)
                )
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p =>
                    $"{p.Key} '{Title(p.Key == "title" ? p.Value : p.Value?["title"])}' {Text((p.Value as JsonObject)?["type"])}".TrimEnd()
                )
        );

    private static string Title(JsonNode? title) => title is JsonObject full ? Text(full["text"]) : Text(title);

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString() ?? "";

    private static string Names(JsonArray traces) =>
        $"{traces.Count} ({string.Join(", ", traces.Select(t => $"{Text(t!["type"])} '{Text(t["name"])}'"))})";
}
