using System.Text;

namespace Recipes.Notebook.Gallery;

/// <summary>
/// Makes an output's HTML stay where it is put: everything that it opens is closed, what it never opened is not closed, and
/// tags that speak of the whole page or load something are left out. Its scripts and styles are its own affair.
/// </summary>
internal sealed class HtmlFragment
{
    private static readonly HashSet<string> Void = ["area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr", "param"];

    // Tags alone; what is between them stays.
    private static readonly HashSet<string> Dropped =
    [
        "html",
        "head",
        "body",
        "base",
        "meta",
        "link",
        "frameset",
        "frame",
        "plaintext",
        "xmp",
        "noembed",
        "noframes",
    ];

    // A browser reads no tags in them.
    private static readonly HashSet<string> RawText = ["script", "style", "textarea", "title", "iframe", "noscript"];

    // Their ends are implied; an end of too many would make an empty paragraph.
    private static readonly HashSet<string> OptionalEnd = ["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"];

    private readonly string _html;
    private readonly Func<string, bool> _drops;
    private readonly StringBuilder _result;
    private readonly Stack<string> _open = new();
    private int _at;

    private HtmlFragment(string html, Func<string, bool> drops) => (_html, _drops, _result) = (html, drops, new(html.Length + 64));

    /// <summary>The HTML, closed.</summary>
    /// <param name="html">Any text.</param>
    /// <param name="drops">Which scripts to leave out, by their text.</param>
    public static string Closed(string html, Func<string, bool>? drops = null) => new HtmlFragment(html, drops ?? (_ => false)).Run();

    private bool IsForeign => _open.TakeWhile(name => name != "foreignobject").Any(name => name is "svg" or "math");

    private string Run()
    {
        while (_at < _html.Length)
        {
            var next = _html.IndexOf('<', _at);
            _result.Append(_html, _at, (next < 0 ? _html.Length : next) - _at);
            if (next < 0)
                break;
            _at = next;
            Markup();
        }
        while (_open.TryPop(out var name))
            Close(name);
        return _result.ToString();
    }

    private void Markup()
    {
        if (Starts("<!--"))
            _at = After("-->", _at + 4);
        else if (Starts("<![CDATA[") && IsForeign)
        {
            var end = After("]]>", _at);
            _result.Append(Html.Escape(_html[(_at + 9)..Math.Max(_at + 9, end - 3)]));
            _at = end;
        }
        else if (HtmlTag.At(_html, _at) is { } tag)
        {
            _at = tag.End;
            Tag(tag);
        }
        else if (_at + 1 < _html.Length && _html[_at + 1] is '!' or '?' or '/')
            _at = After(">", _at);
        else if (_at + 1 < _html.Length && char.IsAsciiLetter(_html[_at + 1]))
            _at = _html.Length; // a tag that never ends
        else
        {
            _result.Append("&lt;");
            _at++;
        }
    }

    private void Tag(HtmlTag tag)
    {
        if (Dropped.Contains(tag.Name))
            return;
        if (tag.IsEnd)
            End(tag.Name);
        else if (RawText.Contains(tag.Name) && !IsForeign)
            Raw(tag);
        else
        {
            _result.Append(tag);
            if (!Void.Contains(tag.Name) && !(tag.IsSelfClosing && (IsForeign || tag.Name is "svg" or "math")))
                _open.Push(tag.Name);
        }
    }

    private void End(string name)
    {
        if (!_open.Contains(name))
            return;
        while (_open.Pop() is var inner && inner != name)
            Close(inner);
        _result.Append("</").Append(name).Append('>');
    }

    private void Close(string name)
    {
        if (!OptionalEnd.Contains(name))
            _result.Append("</").Append(name).Append('>');
    }

    private void Raw(HtmlTag tag)
    {
        var end = _at - 1;
        do end = _html.IndexOf("</" + tag.Name, end + 1, StringComparison.OrdinalIgnoreCase);
        while (end >= 0 && end + tag.Name.Length + 2 < _html.Length && char.IsAsciiLetterOrDigit(_html[end + tag.Name.Length + 2]));
        var text = _html[_at..(end < 0 ? _html.Length : end)];
        _at = end < 0 ? _html.Length : After(">", end);
        if (tag.Name is "title" or "noscript" || (tag.Name == "script" && (tag["src"] is not null || _drops(text))))
            return;
        // In a script, <!-- changes where it ends.
        if (tag.Name == "script")
            text = text.Replace("<!--", "\\u003c!--", StringComparison.Ordinal);
        _result.Append(tag).Append(tag.Name == "iframe" ? "" : text).Append("</").Append(tag.Name).Append('>');
    }

    private bool Starts(string text) => string.CompareOrdinal(_html, _at, text, 0, text.Length) == 0;

    private int After(string text, int from)
    {
        var found = _html.IndexOf(text, Math.Min(from, _html.Length), StringComparison.Ordinal);
        return found < 0 ? _html.Length : found + text.Length;
    }
}
