using System.Globalization;
using System.Text;

namespace Recipes.Display;

public sealed partial class Table
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var cells = _rows.Select(row => _columns.Select((_, i) => OneLine(Text(row, i))).ToArray()).ToArray();
        var widths = _columns.Select((c, i) => cells.Select(row => Width(row[i])).Append(Width(c.Heading)).Max()).ToArray();
        // The last column of text needs no padding, and long sentences no line above them.
        if (!_columns[^1].IsNumber)
            widths[^1] = Width(_columns[^1].Heading);
        var text = new StringBuilder();
        if (_caption.Length > 0)
            text.Append(_caption).Append('\n');
        Line(_columns.Select(c => c.Heading));
        Line(widths.Select(w => new string('─', w)));
        foreach (var row in cells)
            Line(row);
        return text.ToString();

        void Line(IEnumerable<string> parts)
        {
            var padded = parts.Select((part, i) => Pad(part, widths[i], _columns[i].IsNumber));
            text.Append(string.Join("  ", padded).TrimEnd()).Append('\n');
        }
    }

    /// <inheritdoc/>
    public override string ToMarkdown()
    {
        var text = new StringBuilder();
        Line(_columns.Select(c => Escape.Markdown(c.Heading)));
        Line(_columns.Select(c => c.IsNumber ? "---:" : ":---"));
        foreach (var row in _rows)
            Line(_columns.Select((_, i) => Escape.Markdown(Text(row, i))));
        if (_caption.Length > 0)
            text.Append('\n').Append('*').Append(Escape.Markdown(_caption)).Append("*\n");
        return text.ToString();

        void Line(IEnumerable<string> parts) => text.Append("| ").AppendJoin(" | ", parts).Append(" |\n");
    }

    /// <inheritdoc/>
    protected internal override string Body()
    {
        var label = Escape.Html(_caption.Length > 0 ? _caption : string.Join(", ", _columns.Select(c => c.Name)));
        var html = new StringBuilder("<figure class=\"table\">");
        if (_caption.Length > 0)
            html.Append($"<figcaption>{Escape.Html(_caption)}</figcaption>");
        html.Append($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><table aria-label=\"{label}\">");
        html.Append("<thead><tr>");
        foreach (var column in _columns)
        {
            var unit = column.Unit.Length > 0 ? $" <span class=\"unit\">{Escape.Html(column.Unit)}</span>" : "";
            html.Append($"<th scope=\"col\"{Class(column, Tone.None, column.Name)}>{Escape.Html(column.Name)}{unit}</th>");
        }
        html.Append("</tr></thead><tbody>");
        foreach (var row in _rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < _columns.Length; i++)
            {
                var element = i == 0 ? "th" : "td";
                var scope = i == 0 ? " scope=\"row\"" : "";
                var text = Text(row, i);
                html.Append($"<{element}{scope}{Class(_columns[i], row[i].Tone, text)}>{Escape.Html(text)}</{element}>");
            }
            html.Append("</tr>");
        }
        return html.Append("</tbody></table></div></figure>").ToString();
    }

    private static string Class(Column column, Tone tone, string text)
    {
        // Short texts stay on one line; on a narrow page the table scrolls.
        string[] names =
        [
            column.IsNumber ? "number" : "",
            text.Length <= 24 ? "short" : "",
            tone == Tone.None ? "" : tone.ToString().ToLowerInvariant(),
        ];
        var given = string.Join(' ', names.Where(n => n.Length > 0));
        return given.Length > 0 ? $" class=\"{given}\"" : "";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    // In characters as they are seen: a combining accent takes no room.
    private static int Width(string text) => new StringInfo(text).LengthInTextElements;

    private static string Pad(string text, int width, bool right)
    {
        var space = new string(' ', Math.Max(0, width - Width(text)));
        return right ? space + text : text + space;
    }
}
