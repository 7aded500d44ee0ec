using System.Text;

namespace Recipes.Notebook.Running.Kernel;

// What the kernel process writes on its own standard output or error (native code does), cut at the marks that the
// process leaves after each cell. A mark that arrives in two pieces is held back until it is whole.
internal sealed class RawText(string token)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly string _start = Start(token);
    private string _held = "";

    public static string Mark(string token, int id) => $"{Start(token)}{id}\u0002";

    /// <summary>Texts and marks in their order; of each pair one is set.</summary>
    public IEnumerable<(string? Text, int? Mark)> Take(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[_decoder.GetCharCount(bytes, flush: false)];
        var length = _decoder.GetChars(bytes, chars, flush: false);
        return Cut(_held + new string(chars, 0, length));
    }

    /// <summary>What was held back when the stream ended.</summary>
    public string Rest() => _held;

    private List<(string? Text, int? Mark)> Cut(string text)
    {
        var parts = new List<(string?, int?)>();
        while (true)
        {
            var at = Begin(text);
            if (at > 0)
                parts.Add((text[..at], null));
            text = text[at..];
            var end = text.IndexOf('\u0002');
            if (text.Length < _start.Length || end < 0)
                break;
            parts.Add((null, int.Parse(text.AsSpan(_start.Length, end - _start.Length))));
            text = text[(end + 1)..];
        }
        _held = text;
        return parts;
    }

    // Where the first mark starts, or could start when the text goes on; else the text's length.
    private int Begin(string text)
    {
        for (var at = text.IndexOf('\u0001'); at >= 0; at = text.IndexOf('\u0001', at + 1))
        {
            var rest = text.AsSpan(at);
            if (rest.Length < _start.Length ? _start.AsSpan().StartsWith(rest) : rest.StartsWith(_start))
                return at;
        }
        return text.Length;
    }

    private static string Start(string token) => $"\u0001{token}:";
}
