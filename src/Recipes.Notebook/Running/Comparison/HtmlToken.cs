using System.Net;
using Recipes.Notebook.Gallery;

namespace Recipes.Notebook.Running.Comparison;

// HTML as a sequence of tags with their attributes in order, texts, and what is inside script elements.
internal sealed record HtmlToken(string Tag, IReadOnlyList<(string Name, string Value)> Attributes, string Text)
{
    private const string InsideTag = "#inside";

    public bool IsText => Tag.Length == 0 || IsInside;

    public bool IsInside => Tag == InsideTag;

    public string this[string attribute] => Attributes.FirstOrDefault(a => a.Name == attribute).Value ?? "";

    public override string ToString() => IsText ? Text : $"<{Tag}>";

    /// <summary>Comments and white space between tags are left out.</summary>
    public static IReadOnlyList<HtmlToken> Read(string html)
    {
        var tokens = new List<HtmlToken>();
        for (var at = 0; at < html.Length; )
        {
            if (html[at] == '<' && HtmlTag.At(html, at) is { } tag)
            {
                tokens.Add(new((tag.IsEnd ? "/" : "") + tag.Name, Sorted(tag), ""));
                at = tag.End;
                if (tag.IsEnd || tag.Name is not ("script" or "style"))
                    continue;
                var end = Find(html, "</" + tag.Name, at);
                if (IsPresentation(tag.Name, html[at..end]))
                    at = end;
                else
                    AddText(InsideTag, html, ref at, end);
            }
            else if (string.CompareOrdinal(html, at, "<!--", 0, 4) == 0)
                at = Math.Min(html.Length, Find(html, "-->", at) + 3);
            else
                AddText("", html, ref at, Find(html, "<", at + 1));
        }
        return tokens;

        void AddText(string kind, string all, ref int at, int end)
        {
            var text = all[at..end].Trim();
            at = end;
            if (text.Length > 0)
                tokens.Add(
                    new(
                        kind,
                        [],
                        kind.Length > 0
                            ? text
                            : string.Join(' ', WebUtility.HtmlDecode(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    )
                );
        }
    }

    // Styles, and the library that draws charts: how it looks, not what it says.
    private static bool IsPresentation(string tag, string inside) => tag == "style" || ChartScript.IsLibrary(inside);

    private static List<(string Name, string Value)> Sorted(HtmlTag tag) =>
        [
            .. tag
                .Attributes.Select(a => (a.Name.ToLowerInvariant(), WebUtility.HtmlDecode(a.Value ?? "")))
                .OrderBy(a => a.Item1, StringComparer.Ordinal),
        ];

    private static int Find(string html, string text, int from) =>
        html.IndexOf(text, Math.Min(from, html.Length), StringComparison.OrdinalIgnoreCase) is >= 0 and var found ? found : html.Length;
}
