using System.Text.RegularExpressions;
using Recipes.Notebook.Gallery;

namespace Recipes.Notebook.Running.Comparison;

// HTML as a sequence of tags with their attributes in order, texts, and the insides of script elements.
internal sealed partial record HtmlToken(string Tag, IReadOnlyList<(string Name, string Value)> Attributes, string Text)
{
    public bool IsText => Tag.Length == 0;

    public string this[string attribute] => Attributes.FirstOrDefault(a => a.Name == attribute).Value ?? "";

    public override string ToString() => IsText ? Text : $"<{Tag}>";

    /// <summary>Comments and white space between tags are left out.</summary>
    public static IReadOnlyList<HtmlToken> Read(string html)
    {
        var tokens = new List<HtmlToken>();
        foreach (Match match in Token().Matches(html))
        {
            if (match.Groups["text"] is { Success: true } text && !string.IsNullOrWhiteSpace(text.Value))
                tokens.Add(new("", [], Spaces().Replace(text.Value, " ").Trim()));
            if (match.Groups["tag"] is not { Success: true } tag)
                continue;
            tokens.Add(new(tag.Value.ToLowerInvariant(), Parts(match.Groups["attributes"].Value), ""));
            if (match.Groups["inside"] is { Success: true, Length: > 0 } inside && !IsPresentation(tag.Value, inside.Value))
                tokens.Add(new("", [], inside.Value.Trim()));
        }
        return tokens;
    }

    // Styles, and the library that draws charts: how it looks, not what it says.
    private static bool IsPresentation(string tag, string inside) =>
        tag.Equals("style", StringComparison.OrdinalIgnoreCase) || ChartScript.IsLibrary(inside);

    private static List<(string, string)> Parts(string attributes) =>
        [
            .. Attribute()
                .Matches(attributes)
                .Select(m => (m.Groups["name"].Value.ToLowerInvariant(), m.Groups["value"].Value.Trim('"', '\'')))
                .OrderBy(a => a.Item1, StringComparer.Ordinal),
        ];

    [GeneratedRegex(
        """<!--.*?-->|<(?<tag>script|style)(?<attributes>(?:"[^"]*"|'[^']*'|[^>"'])*)>(?<inside>.*?)</\k<tag>\s*>|<(?<tag>/?[a-z!][^\s/>]*)(?<attributes>(?:"[^"]*"|'[^']*'|[^>"'])*)>|(?<text>[^<]+|<)""",
        RegexOptions.IgnoreCase | RegexOptions.Singleline
    )]
    private static partial Regex Token();

    [GeneratedRegex("""(?<name>[^\s=/"'>]+)(?:\s*=\s*(?<value>"[^"]*"|'[^']*'|[^\s>"']+))?""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
