using System.Text;

namespace Recipes.Notebook.Gallery;

/// <summary>A tag as a browser reads it.</summary>
/// <param name="Name">In lower case.</param>
/// <param name="IsEnd">Whether it closes.</param>
/// <param name="IsSelfClosing">Whether it ends in <c>/&gt;</c>, which only SVG and MathML obey.</param>
/// <param name="Attributes">Names and raw values; a null value has no equals sign.</param>
/// <param name="Spelling">The name as written, which SVG needs.</param>
/// <param name="End">The index behind it.</param>
internal sealed record HtmlTag(
    string Name,
    bool IsEnd,
    bool IsSelfClosing,
    IReadOnlyList<(string Name, string? Value)> Attributes,
    string Spelling,
    int End
)
{
    /// <summary>The tag at a <c>&lt;</c>, or null when it is not one or never ends.</summary>
    public static HtmlTag? At(string html, int start)
    {
        var i = start + 1;
        var isEnd = i < html.Length && html[i] == '/';
        if (isEnd)
            i++;
        if (i >= html.Length || !char.IsAsciiLetter(html[i]))
            return null;
        var name = Until(html, ref i, c => IsSpace(c) || c is '/' or '>');
        var attributes = new List<(string, string?)>();
        var isSelfClosing = false;
        while (i < html.Length)
        {
            if (html[i] == '>')
                return new(name.ToLowerInvariant(), isEnd, isSelfClosing, attributes, name, i + 1);
            isSelfClosing = html[i] == '/';
            if (isSelfClosing || IsSpace(html[i]))
            {
                i++;
                isSelfClosing = isSelfClosing && i < html.Length && html[i] == '>';
                continue;
            }
            attributes.Add(Attribute(html, ref i));
        }
        return null;
    }

    /// <summary>An attribute's value, or null.</summary>
    public string? this[string name] => Attributes.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The tag in one spelling, every value in double quotes.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("<").Append(Spelling);
        foreach (var (name, value) in Attributes)
        {
            text.Append(' ').Append(name);
            if (value is not null)
                text.Append("=\"").Append(value.Replace("\"", "&quot;", StringComparison.Ordinal)).Append('"');
        }
        return text.Append(IsSelfClosing ? "/>" : ">").ToString();
    }

    private static (string, string?) Attribute(string html, ref int i)
    {
        var start = i++;
        Until(html, ref i, c => IsSpace(c) || c is '/' or '>' or '=');
        var name = html[start..i];
        var after = i;
        Until(html, ref after, c => !IsSpace(c));
        if (after >= html.Length || html[after] != '=')
            return (name, null);
        i = after + 1;
        Until(html, ref i, c => !IsSpace(c));
        if (i < html.Length && html[i] is '"' or '\'')
        {
            var quote = html[i++];
            var quoted = Until(html, ref i, c => c == quote);
            i++;
            return (name, quoted);
        }
        return (name, Until(html, ref i, c => IsSpace(c) || c == '>'));
    }

    private static string Until(string html, ref int i, Func<char, bool> stop)
    {
        var start = Math.Min(i, html.Length);
        while (i < html.Length && !stop(html[i]))
            i++;
        return html[start..Math.Min(i, html.Length)];
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';
}
