using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Running.Comparison;

// HTML by structure: the same tags and attributes, texts as texts, embedded pictures as pictures, charts as charts.
// Generated ids (GUIDs, long hexadecimal numbers) may differ.
internal static partial class HtmlComparison
{
    private const string ImageData = "data:image/";

    /// <summary>The first difference, or null.</summary>
    /// <param name="stored">A fragment or a page.</param>
    /// <param name="now">The other.</param>
    /// <param name="rule">For numbers.</param>
    /// <param name="tagsOnly">Texts and attribute values may differ; charts are compared all the same.</param>
    public static Finding? Compare(string stored, string now, NumberRule rule, bool tagsOnly = false)
    {
        if (stored == now)
            return null;
        var (a, b) = (HtmlToken.Read(stored), HtmlToken.Read(now));
        if (tagsOnly)
            (a, b) = ([.. a.Where(t => t.Tag.Length > 0)], [.. b.Where(t => t.Tag.Length > 0)]);
        for (int i = 0, j = 0; ; i++, j++)
        {
            if (i == a.Count || j == b.Count)
                return i == a.Count && j == b.Count ? null : new("HTML ends", Excerpt(a, i), Excerpt(b, j));
            if (Chart(a, i) is { } chart && Chart(b, j) is { } other)
            {
                if (ChartComparison.Compare(chart.Figure, other.Figure, rule) is { } change)
                    return change;
                (i, j) = (chart.End, other.End);
            }
            else if (Differ(a[i], b[j], rule, tagsOnly) is { } finding)
                return finding.What.Length > 0 ? finding : new("HTML", Excerpt(a, i), Excerpt(b, j));
        }
    }

    /// <summary>Whether charts are in it, so that other forms of the same value hold their numbers.</summary>
    public static bool HasCharts(string html)
    {
        var tokens = HtmlToken.Read(html);
        return Enumerable.Range(0, tokens.Count).Any(i => Chart(tokens, i) is not null);
    }

    private static readonly Finding Plain = new("", "", "");

    private static Finding? Differ(HtmlToken a, HtmlToken b, NumberRule rule, bool tagsOnly)
    {
        if (a.Tag != b.Tag)
            return Plain;
        if (tagsOnly)
            return null;
        if (a.IsText)
            return (a.IsInside ? SameNamed(a.Text, b.Text, rule) : TextComparison.Same(a.Text, b.Text, rule)) ? null : Plain;
        if (!a.Attributes.Select(x => x.Name).SequenceEqual(b.Attributes.Select(x => x.Name)))
            return Plain;
        return a.Attributes.Zip(b.Attributes).Select(pair => Attribute(pair.First, pair.Second, rule)).FirstOrDefault(f => f is not null);
    }

    private static Finding? Attribute((string Name, string Value) a, (string Name, string Value) b, NumberRule rule)
    {
        if (a.Value.StartsWith(ImageData, StringComparison.Ordinal) && b.Value.StartsWith(ImageData, StringComparison.Ordinal))
            return ImageComparison.Compare(Base64(a.Value), Base64(b.Value), sizeOnly: false);
        return SameNamed(a.Value, b.Value, rule) ? null : Plain;
    }

    // A figure of ours, with its picture and table, or a Plotly.NET script: the figure's JSON and the index of the last token.
    private static (JsonNode Figure, int End)? Chart(IReadOnlyList<HtmlToken> tokens, int at)
    {
        var token = tokens[at];
        if (token.Tag == "figure" && token["class"].Split(' ').Contains("chart"))
        {
            for (var (end, depth) = (at, 0); end < tokens.Count; end++)
            {
                depth +=
                    tokens[end].Tag == "figure" ? 1
                    : tokens[end].Tag == "/figure" ? -1
                    : 0;
                if (depth == 0)
                    return tokens.Skip(at).Take(end - at).Select(t => Figure(t.Text)).FirstOrDefault(f => f is not null) is { } figure
                        ? (figure, end)
                        : null;
            }
        }
        return token.IsText && Figure(token.Text) is { } script ? (script, at) : null;
    }

    private static JsonNode? Figure(string text)
    {
        var json =
            text is ['{', .., '}'] && text.Contains("\"data\"", StringComparison.Ordinal) ? text
            : PlotlyNet().Match(text) is { Success: true } match
                ? $$"""{"data": {{match.Groups["data"].Value}}, "layout": {{match.Groups["layout"].Value}}}"""
            : null;
        try
        {
            return json is not null && JsonNode.Parse(json) is { } figure && ChartComparison.IsChart(figure) ? figure : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool SameNamed(string a, string b, NumberRule rule) =>
        a == b || TextComparison.Same(Generated().Replace(a, "#"), Generated().Replace(b, "#"), rule);

    private static string Base64(string uri) => uri[(uri.IndexOf(',', StringComparison.Ordinal) + 1)..];

    private static string Excerpt(IReadOnlyList<HtmlToken> tokens, int at) =>
        at == tokens.Count ? "(end)" : string.Join("", tokens.Skip(Math.Max(0, at - 1)).Take(3));

    [GeneratedRegex("[0-9a-fA-F]{8}(?:[-_][0-9a-fA-F]{4}){3}[-_][0-9a-fA-F]{12}|(?=[0-9]*[a-fA-F])[0-9a-fA-F]{16,}")]
    private static partial Regex Generated();

    [GeneratedRegex(@"var data = (?<data>\[.*?\]);\s*var layout = (?<layout>\{.*?\});", RegexOptions.Singleline)]
    private static partial Regex PlotlyNet();
}
