using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Documents;

/// <summary>Reading and mending JSON trees of unknown shape: what is not there, or has another type, is null.</summary>
internal static partial class JsonTree
{
    /// <summary>The node at the end of a path of keys.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            node = node is JsonObject map ? map[key] : null;
        return node;
    }

    /// <summary>A string's text. Half of a surrogate pair, which Python writes and .NET refuses, reads as the replacement character.</summary>
    public static string? AsText(this JsonNode? node)
    {
        if (node?.GetValueKind() != JsonValueKind.String)
            return null;
        try
        {
            return node.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            var whole = Surrogates()
                .Replace(node.GetValue<JsonElement>().GetRawText(), m => m.Groups["alone"].Success ? @"\ufffd" : m.Value);
            return JsonSerializer.Deserialize<string>(whole);
        }
    }

    /// <summary>A whole number.</summary>
    public static int? AsInt(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number) ? number : null;

    /// <summary>Sets a key. A new one stands where the alphabet puts it, as nbformat's own writer does.</summary>
    public static void Put(this JsonObject map, string key, JsonNode? value)
    {
        if (map.ContainsKey(key))
        {
            map[key] = value;
            return;
        }
        var place = 0;
        foreach (var (other, _) in map)
        {
            if (string.CompareOrdinal(other, key) > 0)
                break;
            place++;
        }
        map.Insert(place, key, value);
    }

    // Escapes in a JSON string: pairs of surrogates, surrogates alone (the group), all others.
    [GeneratedRegex(@"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?<alone>u[dD][89a-fA-F]..)|.)", RegexOptions.None, 10_000)]
    private static partial Regex Surrogates();
}
