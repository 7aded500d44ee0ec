using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>nbformat's multi-line strings: one string, or a list of pieces to be joined; written as lines that keep their <c>\n</c>.</summary>
internal static class Multiline
{
    /// <summary>The text, or null when the node is neither a string nor a list of strings.</summary>
    public static string? Read(JsonNode? node)
    {
        if (node is not JsonArray list)
            return node.AsText();
        var pieces = new string[list.Count];
        for (var i = 0; i < pieces.Length; i++)
        {
            if (list[i].AsText() is not { } piece)
                return null;
            pieces[i] = piece;
        }
        return string.Concat(pieces);
    }

    /// <summary>One element a line.</summary>
    public static JsonArray Write(string text)
    {
        var list = new JsonArray();
        foreach (var line in Lines(text))
            list.Add((JsonNode)line);
        return list;
    }

    /// <summary>The lines with their ends; no line for an empty text.</summary>
    public static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length; )
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            yield return text[start..end];
            start = end;
        }
    }
}
