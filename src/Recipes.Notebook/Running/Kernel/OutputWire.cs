using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Running.Kernel;

// Cell outputs as JSON, for the connection between the runner and its kernel process.
internal static class OutputWire
{
    public static JsonObject Of(CellOutput output) =>
        output switch
        {
            CellOutput.Printed p => new()
            {
                ["type"] = "printed",
                ["name"] = p.Name,
                ["text"] = p.Text,
            },
            CellOutput.Display d => Bundle("display", d.Content, ("id", d.Id)),
            CellOutput.Update u => Bundle("update", u.Content, ("id", u.Id)),
            CellOutput.Result r => Bundle("result", r.Content, ("count", r.Count)),
            CellOutput.Error e => new()
            {
                ["type"] = "error",
                ["name"] = e.Name,
                ["message"] = e.Message,
                ["traceback"] = new JsonArray([.. e.Traceback.Select(line => (JsonNode)line)]),
            },
            CellOutput.Clear c => new() { ["type"] = "clear", ["wait"] = c.Wait },
            _ => throw new NotSupportedException($"output {output.GetType().Name} is not known"),
        };

    public static CellOutput Read(JsonObject json) =>
        (string?)json["type"] switch
        {
            "printed" => new CellOutput.Printed((string)json["name"]!, (string)json["text"]!),
            "display" => new CellOutput.Display(Bundle(json), (string?)json["id"]),
            "update" => new CellOutput.Update(Bundle(json), (string)json["id"]!),
            "result" => new CellOutput.Result(Bundle(json), (int)json["count"]!),
            "error" => new CellOutput.Error(
                (string)json["name"]!,
                (string)json["message"]!,
                [.. json["traceback"]!.AsArray().Select(line => (string)line!)]
            ),
            "clear" => new CellOutput.Clear((bool)json["wait"]!),
            var other => throw new FormatException($"output type '{other}' is not known"),
        };

    // Nodes have one parent: what the caller owns is copied, what was read is taken out.
    private static JsonObject Bundle(string type, MimeBundle content, (string Name, JsonNode? Value) more) =>
        new()
        {
            ["type"] = type,
            ["data"] = content.Data.DeepClone(),
            ["metadata"] = content.Metadata.DeepClone(),
            [more.Name] = more.Value,
        };

    private static MimeBundle Bundle(JsonObject json)
    {
        var data = json["data"]!.AsObject();
        var metadata = json["metadata"]!.AsObject();
        json.Remove("data");
        json.Remove("metadata");
        return new(data, metadata);
    }
}
