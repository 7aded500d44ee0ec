using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Display;

/// <summary>A JSON value as a table of paths and values; in HTML the JSON itself stands beside it.</summary>
/// <param name="json">The value.</param>
/// <param name="caption">What it is.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class JsonBlock(JsonNode json, string caption) : Block
{
    private static readonly JsonSerializerOptions Short = new(CanonicalJson.Options) { WriteIndented = false };

    private Table Table =>
        Table.From(Leaves("", json), (Column.Text("What"), l => l.Path), (Column.Text("Value"), l => l.Value)).Caption(caption);

    /// <inheritdoc/>
    public override string ToString() => Table.ToString();

    /// <inheritdoc/>
    public override string ToMarkdown() => Table.ToMarkdown();

    /// <inheritdoc/>
    protected internal override string Body() =>
        $"{Table.Body()}<details><summary>JSON</summary><pre>{Escape.Html(json.ToJsonString(CanonicalJson.Options))}</pre></details>";

    private static IEnumerable<(string Path, string Value)> Leaves(string path, JsonNode? node) =>
        node switch
        {
            JsonObject { Count: > 0 } map => map.SelectMany(p => Leaves(path.Length > 0 ? $"{path}.{p.Key}" : p.Key, p.Value)),
            JsonArray list when list.Any(e => e is JsonObject) => list.SelectMany((e, i) => Leaves($"{path}[{i}]", e)),
            JsonArray { Count: > 0 } list => [(path, string.Join(", ", list.Select(Text)))],
            _ => [(path, Text(node))],
        };

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString(Short) ?? "null";
}
