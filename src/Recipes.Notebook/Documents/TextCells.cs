namespace Recipes.Notebook.Documents;

/// <summary>What the line-based formats share.</summary>
internal static class TextCells
{
    /// <summary>The lines without their ends, whichever ends they have.</summary>
    public static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    /// <summary>The lines without blank ones at both ends, joined.</summary>
    public static string Trimmed(IReadOnlyList<string> lines)
    {
        var (start, end) = (0, lines.Count);
        while (start < end && string.IsNullOrWhiteSpace(lines[start]))
            start++;
        while (end > start && string.IsNullOrWhiteSpace(lines[end - 1]))
            end--;
        return string.Join('\n', lines.Skip(start).Take(end - start));
    }

    /// <summary>Writes text in UTF-8 with the document's line ends.</summary>
    public static void Write(NotebookDocument document, string text, Stream output)
    {
        using var writer = new StreamWriter(output, leaveOpen: true);
        writer.Write(document.TextNewLine == "\n" ? text : text.Replace("\n", document.TextNewLine, StringComparison.Ordinal));
    }

    /// <summary>The text of a file, and the line ends that it uses.</summary>
    public static (string Text, string NewLine) Read(string path, byte[] bytes)
    {
        var text = System.Text.Encoding.UTF8.GetString(TextFile.Utf8(path, bytes).Span);
        var first = text.IndexOf('\n');
        return (text, first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n");
    }
}
