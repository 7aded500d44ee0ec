using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>What a tree must have for the rest of the code to trust it. Everything else is kept unseen.</summary>
internal static class IpynbCheck
{
    private const int Shown = 20;

    /// <summary>Throws with all problems.</summary>
    public static void Run(string path, [NotNull] JsonObject? root)
    {
        var problems = new List<string>();
        try
        {
            if (root is null)
                throw new RecipesException($"{path}: is JSON but not a notebook: expected an object with nbformat, cells and metadata");
            Version(path, root);
            Expect(problems, root, "metadata", JsonValueKind.Object, "metadata");
            if (root["cells"] is JsonArray cells)
                for (var i = 0; i < cells.Count; i++)
                    Cell(problems, cells[i], $"cells[{i}]");
            else
                problems.Add($"cells: expected a list, found {Found(root["cells"], root.ContainsKey("cells"))}");
        }
        catch (InvalidOperationException e)
        {
            throw new RecipesException($"{path}: holds a key that is not Unicode text ({e.Message})", e);
        }
        if (problems.Count > Shown)
            problems = [.. problems[..Shown], $"… and {problems.Count - Shown} more"];
        RecipesException.ThrowIfAny($"{path}: is not a notebook that can be read:", problems);
    }

    private static void Version(string path, JsonObject map)
    {
        var found = map["nbformat"];
        switch (found.AsInt())
        {
            case 4:
                return;
            case { } old and > 0 and < 4:
                throw new RecipesException(
                    $"{path}: is nbformat {old}, of before 2015; expected 4. Convert it with 'jupyter nbconvert --to notebook', "
                        + "or open and save it in Jupyter."
                );
            case { } future and > 4:
                throw new RecipesException(
                    $"{path}: is nbformat {future}, newer than this version knows (4). Save it as nbformat 4, or use a newer Recipes."
                );
            default:
                throw new RecipesException(
                    $"{path}: nbformat: expected the number 4, found {Found(found, map.ContainsKey("nbformat"))}. Is it a notebook?"
                );
        }
    }

    private static void Cell(List<string> problems, JsonNode? node, string place)
    {
        if (node is not JsonObject cell)
        {
            problems.Add($"{place}: expected an object, found {Found(node, true)}");
            return;
        }
        var kind = cell["cell_type"].AsText();
        if (kind is not ("code" or "markdown" or "raw"))
            problems.Add(
                $"{place}.cell_type: expected code, markdown or raw, found {Found(cell["cell_type"], cell.ContainsKey("cell_type"))}"
            );
        if (!IsMultiline(cell["source"]))
            problems.Add($"{place}.source: expected text or a list of lines, found {Found(cell["source"], cell.ContainsKey("source"))}");
        Expect(problems, cell, "metadata", JsonValueKind.Object, $"{place}.metadata");
        if (kind != "code")
            return;
        Expect(problems, cell, "outputs", JsonValueKind.Array, $"{place}.outputs");
        if (cell["execution_count"] is { } count && count.AsInt() is null)
            problems.Add($"{place}.execution_count: expected a whole number or null, found {Found(count, true)}");
        if (cell["outputs"] is JsonArray outputs)
            for (var i = 0; i < outputs.Count; i++)
                if (outputs[i].At("output_type").AsText() is null)
                    problems.Add($"{place}.outputs[{i}]: expected an object with an output_type, found {Found(outputs[i], true)}");
    }

    // Only kinds are looked at: the text itself may be large.
    private static bool IsMultiline(JsonNode? node) =>
        node switch
        {
            JsonArray list => list.All(line => line?.GetValueKind() == JsonValueKind.String),
            _ => node?.GetValueKind() == JsonValueKind.String,
        };

    // A missing key is fine, a wrong type is not.
    private static void Expect(List<string> problems, JsonObject map, string key, JsonValueKind kind, string place)
    {
        if (map.ContainsKey(key) && map[key]?.GetValueKind() != kind)
            problems.Add($"{place}: expected {Name(kind)}, found {Found(map[key], true)}");
    }

    private static string Found(JsonNode? node, bool present) =>
        !present ? "nothing"
        : node is JsonValue && JsonText.Line(node) is { } text && text.Length <= 40 ? text
        : Name(node?.GetValueKind() ?? JsonValueKind.Null);

    private static string Name(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "text",
            JsonValueKind.Number => "a number",
            JsonValueKind.Null => "null",
            _ => "true or false",
        };
}
