using System.Text.Json;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>A message that a client sent: verified and well-formed.</summary>
/// <param name="Channel">The socket that it came by, and that its reply goes by.</param>
/// <param name="Route">The frames that lead back to the client.</param>
/// <param name="Header">Its header as it came: the parent header of all that answers it.</param>
/// <param name="Type">Its <c>msg_type</c>.</param>
/// <param name="Content">A JSON object.</param>
internal sealed record Message(Channel Channel, IReadOnlyList<byte[]> Route, byte[] Header, string Type, JsonElement Content)
{
    /// <summary>The type of its reply.</summary>
    public string ReplyType => Type.EndsWith("_request", StringComparison.Ordinal) ? Type[..^"request".Length] + "reply" : Type + "_reply";

    /// <summary>A field that holds text.</summary>
    public string Text(string name, string? fallback = null) =>
        Find(name) is { } value
            ? value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw Misfit(name, "a string", value)
            : fallback ?? throw new RecipesException($"{Type}.{name}: missing; expected a string.");

    /// <summary>A field that is true or false.</summary>
    public bool Flag(string name, bool fallback) =>
        Find(name) is not { } value ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Misfit(name, "true or false", value);

    /// <summary>A field that holds a whole number.</summary>
    public int Number(string name, int fallback) =>
        Find(name) is not { } value ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Misfit(name, "a whole number", value);

    /// <summary>The fields of an object, text each.</summary>
    public IEnumerable<(string Name, string Text)> Texts(string name) =>
        Find(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String)
            ? value.EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))
        : throw Misfit(name, "an object of strings", value);

    // A null is as good as absent: clients send both.
    private JsonElement? Find(string name) =>
        Content.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private RecipesException Misfit(string name, string expected, JsonElement found) =>
        new($"{Type}.{name}: expected {expected}, found {Json.Kind(found)}.");
}
