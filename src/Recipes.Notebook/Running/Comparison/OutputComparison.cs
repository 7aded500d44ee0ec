using System.Text.Json.Nodes;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running.Comparison;

/// <summary>One thing in which a cell's outputs differ from the stored ones.</summary>
/// <param name="Cell">The code cell's number, from 1.</param>
/// <param name="Output">Which output: <c>stdout</c>, <c>stderr</c>, or its number among the others, from 1, and its kind.</param>
/// <param name="What">What about it.</param>
/// <param name="Stored">An excerpt of the stored output.</param>
/// <param name="Now">An excerpt of the new one.</param>
public sealed record OutputDifference(int Cell, string Output, string What, string Stored, string Now);

// The outputs of one cell against the stored ones. Printed text is compared as a whole for each stream, for how it is cut
// into pieces is a matter of time; the other outputs one by one.
internal sealed class OutputComparison(NumberRule rule, bool varies)
{
    private const string Chart = "application/vnd.plotly.v1+json";

    public IEnumerable<(string Output, Finding Finding)> Compare(JsonArray stored, JsonArray now)
    {
        foreach (var stream in (string[])["stdout", "stderr"])
            if (Texts(CellText.Printed(stored, stream), CellText.Printed(now, stream)) is { } finding)
                yield return (stream, finding);
        var (a, b) = (Others(stored), Others(now));
        for (var i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (Others(a[i], b[i]) is { } finding)
                yield return ($"{i + 1} ({Kind(a[i])})", finding);
        if (a.Count != b.Count)
            yield return ("all", new("number of outputs", Kinds(a), Kinds(b)));
    }

    private Finding? Others(JsonObject a, JsonObject b)
    {
        if (Kind(a) != Kind(b))
            return new("kind of output", Kind(a), Kind(b));
        if (Kind(a) != "error")
            return Bundles(a["data"] as JsonObject ?? [], b["data"] as JsonObject ?? []);
        var (stored, now) = ($"{a["ename"]}: {a["evalue"]}", $"{b["ename"]}: {b["evalue"]}");
        return (string?)a["ename"] == (string?)b["ename"] ? Texts(stored, now) : new("error", stored, now);
    }

    private Finding? Bundles(JsonObject a, JsonObject b)
    {
        var (stored, now) = (Types(a), Types(b));
        if (!stored.SequenceEqual(now))
            return new("MIME types", string.Join(", ", stored), string.Join(", ", now));
        // A chart's other forms hold its values, which are not compared.
        var chart = stored.Contains(Chart) || (Multiline.Read(a["text/html"]) is { } html && HtmlComparison.HasCharts(html));
        return stored
            .Where(type => !chart || type is Chart or "text/html")
            .Where(type => type != "text/html" || !stored.Contains(Chart))
            .Select(type => Values(type, a[type], b[type])?.Within(type))
            .FirstOrDefault(f => f is not null);
    }

    private Finding? Values(string type, JsonNode? a, JsonNode? b)
    {
        if (type == Chart && ChartComparison.IsChart(a) && ChartComparison.IsChart(b))
            return ChartComparison.Compare(a!, b!, rule);
        if (Multiline.Read(a) is not { } stored || Multiline.Read(b) is not { } now)
            return varies ? null : JsonComparison.Compare(a, b, rule);
        return type switch
        {
            "image/svg+xml" or "text/html" => HtmlComparison.Compare(stored, now, rule, varies),
            _ when type.StartsWith("image/", StringComparison.Ordinal) => ImageComparison.Compare(stored, now, varies),
            _ => Texts(stored, now),
        };
    }

    // Of a text that varies only whether there is any.
    private Finding? Texts(string stored, string now) =>
        !varies ? TextComparison.Compare(stored, now, rule)
        : string.IsNullOrWhiteSpace(stored) == string.IsNullOrWhiteSpace(now) ? null
        : new("text", stored, now);

    private static List<JsonObject> Others(JsonArray outputs) => [.. outputs.OfType<JsonObject>().Where(o => Kind(o) != "stream")];

    private static string Kind(JsonObject output) => (string?)output["output_type"] ?? "";

    private static string Kinds(List<JsonObject> outputs) => outputs.Count == 0 ? "none" : string.Join(", ", outputs.Select(Kind));

    private static List<string> Types(JsonObject bundle) => [.. bundle.Select(p => p.Key).Order(StringComparer.Ordinal)];
}
