using System.Text;
using System.Text.Json;

namespace Recipes.Data;

/// <summary>
/// Where captions stand in a sample: a member's whole text (<c>txt</c>), or the strings at a key of a JSON member
/// (<c>json:caption</c>, <c>syn.json:syn_text</c>; a string or a list of strings).
/// </summary>
internal readonly record struct CaptionPart(string Member, string? Key)
{
    /// <summary>Reads <c>MEMBER</c> or <c>MEMBER:KEY</c>.</summary>
    public static CaptionPart Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
            ? new CaptionPart(text[..at], text[(at + 1)..])
            : new CaptionPart(text, null);

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Key is null ? Member : $"{Member}:{Key}";

    /// <summary>The captions in a member's content. Invalid UTF-8 becomes replacement characters; a byte-order mark is dropped.</summary>
    /// <param name="content">The member.</param>
    /// <param name="name">How errors name it.</param>
    /// <exception cref="RecipesException">It is no JSON, or the key holds neither a string nor strings.</exception>
    public IReadOnlyList<string> Read(ReadOnlyMemory<byte> content, string name)
    {
        var text = content.Span.StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        if (Key is not { } key)
            return [Encoding.UTF8.GetString(text.Span)];
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw new RecipesException($"{name}: expected a JSON object with {key}, found {Kind(json.RootElement)}.");
            return json.RootElement.TryGetProperty(key, out var value) ? Strings(value, $"{name}: {key}") : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RecipesException($"{name}: no valid JSON ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>A string, or a list of strings.</summary>
    /// <exception cref="RecipesException">It is neither.</exception>
    public static IReadOnlyList<string> Strings(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : throw new RecipesException($"{name}: expected a string or a list of strings, found {Kind(value)}.");

    /// <summary>What a JSON value is, in a word.</summary>
    public static string Kind(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => "a list",
            JsonValueKind.Object => "an object",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "a number",
            JsonValueKind.Null => "null",
            _ => "a truth value",
        };
}
