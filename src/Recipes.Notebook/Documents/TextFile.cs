using System.Text;

namespace Recipes.Notebook.Documents;

/// <summary>Text files as other programs leave them: with or without a byte-order mark, UTF-8 or UTF-16.</summary>
internal static class TextFile
{
    /// <summary>All bytes of a file.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var problem = Directory.Exists(path) ? "is a folder; expected a notebook file" : e.Message.TrimEnd('.');
            throw new RecipesException(
                File.Exists(path) || Directory.Exists(path) ? $"{path}: cannot be read: {problem}." : $"{path}: no such file",
                e
            );
        }
    }

    /// <summary>The text as UTF-8 without its mark.</summary>
    public static ReadOnlyMemory<byte> Utf8(string path, byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith((byte[])[0xFF, 0xFE]))
            return Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(bytes.AsSpan(2)));
        if (bytes.AsSpan().StartsWith((byte[])[0xFE, 0xFF]))
            return Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(bytes.AsSpan(2)));
        var text = bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0);
        if (System.Text.Unicode.Utf8.IsValid(text.Span))
            return text;
        throw new RecipesException(
            $"{path}: is not text in UTF-8 (wrong byte on line {WrongLine(text.Span)}). Save it as UTF-8, or restore it from a copy."
        );
    }

    private static int WrongLine(ReadOnlySpan<byte> bytes)
    {
        var line = 1;
        while (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done)
        {
            line += rune.Value == '\n' ? 1 : 0;
            bytes = bytes[used..];
        }
        return line;
    }
}
