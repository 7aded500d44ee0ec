using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Running.Comparison;

// JSON values: the same keys and lengths, numbers by the rule, strings as texts.
internal static class JsonComparison
{
    public static Finding? Compare(JsonNode? stored, JsonNode? now, NumberRule rule, string path = "$") =>
        (stored, now) switch
        {
            (JsonObject a, JsonObject b) => Objects(a, b, rule, path),
            (JsonArray a, JsonArray b) when a.Count != b.Count => new($"{path}: length", $"{a.Count}", $"{b.Count}"),
            (JsonArray a, JsonArray b) => a.Select((item, i) => Compare(item, b[i], rule, $"{path}[{i}]"))
                .FirstOrDefault(f => f is not null),
            (JsonValue a, JsonValue b) => Values(a, b, rule)?.Within(path),
            (null, null) => null,
            _ => new(path, Brief(stored), Brief(now)),
        };

    private static Finding? Objects(JsonObject a, JsonObject b, NumberRule rule, string path)
    {
        var keys = a.Select(p => p.Key).Order(StringComparer.Ordinal).ToList();
        var others = b.Select(p => p.Key).Order(StringComparer.Ordinal).ToList();
        return keys.SequenceEqual(others)
            ? keys.Select(key => Compare(a[key], b[key], rule, $"{path}.{key}")).FirstOrDefault(f => f is not null)
            : new($"{path}: keys", string.Join(", ", keys), string.Join(", ", others));
    }

    private static Finding? Values(JsonValue a, JsonValue b, NumberRule rule)
    {
        var kind = a.GetValueKind();
        if (kind == JsonValueKind.String && b.GetValueKind() == kind)
            return TextComparison.Compare(a.GetValue<string>(), b.GetValue<string>(), rule);
        var (x, y) = (a.ToJsonString(), b.ToJsonString());
        return x == y || (kind == JsonValueKind.Number && b.GetValueKind() == kind && rule.Same(x, y)) ? null : new("value", x, y);
    }

    private static string Brief(JsonNode? node) => node?.GetValueKind().ToString() ?? "null";
}
