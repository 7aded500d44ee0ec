using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>Reads and writes <c>.ipynb</c> files (nbformat 4). The tree that is read stays the document.</summary>
internal static class IpynbFile
{
    // Deeper than any real output, shallower than the stack.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 256, AllowDuplicateProperties = false };

    /// <summary>Parses and checks a file; all problems in one error.</summary>
    public static NotebookDocument Read(string path, byte[] bytes)
    {
        var utf8 = TextFile.Utf8(path, bytes);
        if (utf8.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
            throw new RecipesException($"{path}: is empty; expected a notebook (JSON). New ones start as an .ipynb of Jupyter or VS Code.");
        var root = Parse(path, utf8);
        IpynbCheck.Run(path, root);
        var document = new NotebookDocument(root, JsonStyle.Of(utf8.Span));
        document.Original = OriginalFile.Of(".ipynb", bytes, stream => Write(document, stream));
        return document;
    }

    /// <summary>Writes a document in its own layout.</summary>
    public static void Write(NotebookDocument document, Stream output) => JsonText.Write(output, document.Root, document.Style);

    private static JsonObject? Parse(string path, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            // Never disposed: the tree reads from it. Without a copy, 100 MB of outputs are in memory once.
            var root = JsonDocument.Parse(utf8, Options).RootElement;
            return root.ValueKind == JsonValueKind.Object ? JsonObject.Create(root) : null;
        }
        catch (JsonException e)
        {
            throw new RecipesException($"{path}: is not JSON: {Place(utf8.Span, e)}", e);
        }
    }

    private static string Place(ReadOnlySpan<byte> utf8, JsonException e)
    {
        var line = (int)(e.LineNumber ?? 0);
        var rest = utf8;
        for (var i = 0; i < line; i++)
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        var before = rest[..Math.Min((int)(e.BytePositionInLine ?? 0), rest.Length)];
        var column = Encoding.UTF8.GetCharCount(before) + 1;
        var truncated = before.Length >= rest.TrimEnd(" \t\r\n"u8).Length;
        var reason = truncated ? "the file ends early, as after an interrupted download or save" : e.Message.Split(" LineNumber:")[0];
        return $"line {line + 1}, column {column}: {reason.TrimEnd('.')}. Restore it from a copy or version control, or mend it in a text editor.";
    }
}
