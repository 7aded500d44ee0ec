using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>
/// Frames to messages and back: route, <c>&lt;IDS|MSG&gt;</c>, signature, header, parent header, metadata, content, buffers.
/// What is not signed with the key, was there before or is no JSON object is refused. Safe from any thread.
/// </summary>
internal sealed class MessageCodec(string key)
{
    /// <summary>The version of the protocol that is spoken.</summary>
    public const string Version = "5.4";

    private static readonly byte[] _delimiter = "<IDS|MSG>"u8.ToArray();
    private static readonly byte[] _nothing = "{}"u8.ToArray();
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly MessageSigner _signer = new(key);
    private readonly string _session = Guid.NewGuid().ToString("N");
    private int _sent;

    /// <summary>Reads a message.</summary>
    /// <exception cref="RecipesException">Why it is dropped.</exception>
    public Message Decode(Channel channel, IReadOnlyList<byte[]> frames)
    {
        var start = 0;
        while (start < frames.Count && !frames[start].AsSpan().SequenceEqual(_delimiter))
            start++;
        if (frames.Count < start + 6)
            throw new RecipesException($"expected a delimiter and five frames, found {frames.Count} frames");
        _signer.Check(frames[start + 1], [frames[start + 2], frames[start + 3], frames[start + 4], frames[start + 5]]);
        var header = Object(frames[start + 2], "header");
        foreach (var (part, name) in (ReadOnlySpan<(int, string)>)[(3, "parent header"), (4, "metadata")])
            Object(frames[start + part], name);
        var content = Object(frames[start + 5], "content");
        if (!header.TryGetProperty("msg_type", out var type) || type.ValueKind != JsonValueKind.String)
            throw new RecipesException("its header has no msg_type");
        return new Message(channel, [.. frames.Take(start)], frames[start + 2], type.GetString()!, content);
    }

    /// <summary>Writes a message.</summary>
    /// <param name="route">The frames before the delimiter: the way to a client, or a topic.</param>
    /// <param name="type">The <c>msg_type</c>.</param>
    /// <param name="parent">The header of the request that it answers; null: none.</param>
    /// <param name="content">Its content.</param>
    /// <param name="metadata">Null: empty.</param>
    public IReadOnlyList<byte[]> Encode(
        IReadOnlyList<byte[]> route,
        string type,
        byte[]? parent,
        JsonObject content,
        JsonObject? metadata = null
    )
    {
        var header = new JsonObject
        {
            ["msg_id"] = $"{_session}_{Interlocked.Increment(ref _sent)}",
            ["session"] = _session,
            ["username"] = "kernel",
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ"),
            ["msg_type"] = type,
            ["version"] = Version,
        };
        byte[][] parts = [Bytes(header), parent ?? _nothing, metadata is null ? _nothing : Bytes(metadata), Bytes(content)];
        return [.. route, _delimiter, _signer.Sign(parts), .. parts];
    }

    private static JsonElement Object(byte[] frame, string name)
    {
        try
        {
            var value = JsonElement.Parse(frame);
            return value.ValueKind == JsonValueKind.Object
                ? value
                : throw new RecipesException($"its {name} is no JSON object but {Json.Kind(value)}");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw new RecipesException($"its {name} is malformed JSON: {e.Message}", e);
        }
    }

    private static byte[] Bytes(JsonObject value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, _json))
            value.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
