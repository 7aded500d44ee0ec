namespace Recipes.Notebook.Documents;

/// <summary>How a JSON file is laid out.</summary>
/// <param name="Indent">One level; null: everything on one line.</param>
/// <param name="NewLine"><c>\n</c> or <c>\r\n</c>.</param>
/// <param name="End">What follows the last brace.</param>
internal sealed record JsonStyle(string? Indent, string NewLine, string End)
{
    /// <summary>What nbformat and Polyglot write.</summary>
    public static JsonStyle Notebook { get; } = new(" ", "\n", "\n");

    /// <summary>One line, as the head of a <c>.dib</c> file.</summary>
    public static JsonStyle Line { get; } = new(null, "\n", "");

    /// <summary>The layout of a text that is valid JSON: there, a line end is never inside a string.</summary>
    public static JsonStyle Of(ReadOnlySpan<byte> utf8)
    {
        var end = utf8.LastIndexOfAnyExcept(" \t\r\n"u8) + 1;
        var tail = System.Text.Encoding.ASCII.GetString(utf8[end..]);
        var first = utf8[..end].IndexOf((byte)'\n');
        if (first < 0)
            return new(null, "\n", tail);
        var line = utf8[(first + 1)..];
        var indent = System.Text.Encoding.ASCII.GetString(line[..line.IndexOfAnyExcept(" \t"u8)]);
        return new(indent, first > 0 && utf8[first - 1] == '\r' ? "\r\n" : "\n", tail);
    }
}
