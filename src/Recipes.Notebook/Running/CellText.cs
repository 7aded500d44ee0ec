using System.Text.Json.Nodes;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running;

// The printed text of stored outputs.
internal static class CellText
{
    /// <summary>What was printed on one stream, in one piece.</summary>
    public static string Printed(JsonArray outputs, string stream) =>
        string.Concat(
            outputs
                .OfType<JsonObject>()
                .Where(o => (string?)o["output_type"] == "stream" && (string?)o["name"] == stream)
                .Select(o => Multiline.Read(o["text"]))
        );
}
