using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Recipes.Notebook.Documents;

/// <summary>
/// Writes a JSON tree. Numbers, strings and literals that came from a file keep their spelling; what is new is spelled as
/// Python's <c>json.dumps(ensure_ascii=False)</c> does, because that is what other tools' differences are measured against.
/// </summary>
internal sealed class JsonText(Stream output, JsonStyle style)
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create([
        .. Enumerable.Range(0, 0x20).Select(c => (char)c),
        '"',
        '\\',
    ]);

    private readonly byte[] _newLine = Encoding.UTF8.GetBytes(style.NewLine);
    private readonly byte[] _indent = Encoding.UTF8.GetBytes(style.Indent ?? "");

    /// <summary>Writes a tree in a layout.</summary>
    public static void Write(Stream output, JsonNode? node, JsonStyle style)
    {
        // Flushed, not disposed: the stream below belongs to the caller.
        var buffer = new BufferedStream(output, 1 << 16);
        new JsonText(buffer, style).Node(node, 0);
        buffer.Write(Encoding.ASCII.GetBytes(style.End));
        buffer.Flush();
    }

    /// <summary>A tree as one line.</summary>
    public static string Line(JsonNode? node)
    {
        using var text = new MemoryStream();
        new JsonText(text, JsonStyle.Line).Node(node, 0);
        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private void Node(JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonObject map:
                Open('{', '}', map.Count, depth);
                var i = 0;
                foreach (var (key, value) in map)
                {
                    Separate(i++, depth + 1);
                    Text(key);
                    output.Write(style.Indent is null ? ":"u8 : ": "u8);
                    Node(value, depth + 1);
                }
                Close('}', map.Count, depth);
                break;
            case JsonArray list:
                Open('[', ']', list.Count, depth);
                for (var j = 0; j < list.Count; j++)
                {
                    Separate(j, depth + 1);
                    Node(list[j], depth + 1);
                }
                Close(']', list.Count, depth);
                break;
            case JsonValue value:
                Value(value);
                break;
            default:
                output.Write("null"u8);
                break;
        }
    }

    private void Open(char open, char close, int count, int depth)
    {
        output.WriteByte((byte)open);
        if (count == 0)
            output.WriteByte((byte)close);
        else
            Break(depth + 1);
    }

    private void Close(char close, int count, int depth)
    {
        if (count == 0)
            return;
        Break(depth);
        output.WriteByte((byte)close);
    }

    private void Separate(int index, int depth)
    {
        if (index == 0)
            return;
        output.WriteByte((byte)',');
        Break(depth);
    }

    private void Break(int depth)
    {
        if (style.Indent is null)
            return;
        output.Write(_newLine);
        for (var i = 0; i < depth; i++)
            output.Write(_indent);
    }

    private void Value(JsonValue value)
    {
        if (value.TryGetValue<JsonElement>(out var element))
            output.Write(JsonMarshal.GetRawUtf8Value(element));
        else if (value.TryGetValue<string>(out var text))
            Text(text);
        else if (value.TryGetValue<double>(out var number) && value.GetValueKind() == JsonValueKind.Number)
            output.Write(Encoding.ASCII.GetBytes(Number(value, number)));
        else
            output.Write(Encoding.UTF8.GetBytes(value.ToJsonString()));
    }

    // Python keeps floating point and whole numbers apart: 1.0 is not 1.
    private static string Number(JsonValue value, double number) =>
        value.TryGetValue<long>(out _) || !double.IsInteger(number) || Math.Abs(number) >= 1e15
            ? value.ToJsonString().Replace('E', 'e')
            : number.ToString("F1", CultureInfo.InvariantCulture);

    private void Text(string text)
    {
        output.WriteByte((byte)'"');
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAny(Escaped);
            Plain(plain < 0 ? rest : rest[..plain]);
            if (plain < 0)
                break;
            Escape(rest[plain]);
            rest = rest[(plain + 1)..];
        }
        output.WriteByte((byte)'"');
    }

    private void Plain(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[1024];
        while (!text.IsEmpty)
        {
            var status = Utf8.FromUtf16(text, bytes, out var read, out var written, replaceInvalidSequences: false);
            output.Write(bytes[..written]);
            text = text[read..];
            if (status != OperationStatus.InvalidData)
                continue;
            Escape(text[0]);
            text = text[1..];
        }
    }

    private void Escape(char c) =>
        output.Write(
            c switch
            {
                '"' => "\\\""u8,
                '\\' => "\\\\"u8,
                '\n' => "\\n"u8,
                '\r' => "\\r"u8,
                '\t' => "\\t"u8,
                '\b' => "\\b"u8,
                '\f' => "\\f"u8,
                _ => Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"),
            }
        );
}
