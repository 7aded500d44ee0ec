using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Recipes;

/// <summary>
/// One JSON text for each value: camel-case names in ordinal order, no nulls, enums as words. Equal recipes have equal text,
/// whichever language built them, and its hash names them.
/// </summary>
public static class CanonicalJson
{
    /// <summary>How values become JSON.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            AllowOutOfOrderMetadataProperties = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };

    /// <summary>A value as a tree with its keys in order.</summary>
    public static JsonNode Of<T>(T value) => Sort(JsonSerializer.SerializeToNode(value, Options)) ?? new JsonObject();

    /// <summary>A value as text.</summary>
    public static string Text<T>(T value) => Of(value).ToJsonString(Options);

    /// <summary>The first eight hexadecimal digits of the SHA-256 of the text.</summary>
    public static string Hash(JsonNode json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json.ToJsonString())))[..8];

    private static JsonNode? Sort(JsonNode? node) =>
        node switch
        {
            JsonObject map => new JsonObject(
                map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sort(p.Value)))
            ),
            JsonArray list => new JsonArray([.. list.Select(Sort)]),
            _ => node?.DeepClone(),
        };
}
