using System.Text.Json.Nodes;
using Recipes.Notebook.Cells;

namespace Recipes.Notebook.Documents;

/// <summary>Outputs as nbformat stores them.</summary>
internal static class OutputJson
{
    /// <summary>Text on a standard stream.</summary>
    public static JsonObject Stream(string name, string text) =>
        new()
        {
            ["name"] = name,
            ["output_type"] = "stream",
            ["text"] = Multiline.Write(text),
        };

    /// <summary>A displayed value.</summary>
    public static JsonObject Display(MimeBundle content) =>
        new()
        {
            ["data"] = Data(content.Data),
            ["metadata"] = content.Metadata.DeepClone(),
            ["output_type"] = "display_data",
        };

    /// <summary>The value of a last expression.</summary>
    public static JsonObject Result(MimeBundle content, int count) =>
        new()
        {
            ["data"] = Data(content.Data),
            ["execution_count"] = count,
            ["metadata"] = content.Metadata.DeepClone(),
            ["output_type"] = "execute_result",
        };

    /// <summary>A failure.</summary>
    public static JsonObject Error(CellOutput.Error error) =>
        new()
        {
            ["ename"] = error.Name,
            ["evalue"] = error.Message,
            ["output_type"] = "error",
            ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
        };

    /// <summary>MIME types in the alphabet's order; text as lines, JSON and base64 as they are.</summary>
    public static JsonObject Data(JsonObject data) =>
        new(
            data.OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p =>
                    KeyValuePair.Create(
                        p.Key,
                        IsLines(p.Key) && p.Value.AsText() is { } text ? Multiline.Write(text) : p.Value?.DeepClone()
                    )
                )
        );

    /// <summary>Whether a MIME type's text is stored as lines.</summary>
    public static bool IsLines(string mimeType) =>
        mimeType.StartsWith("text/", StringComparison.Ordinal) || mimeType is "image/svg+xml" or "application/javascript";
}
