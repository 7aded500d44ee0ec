using System.Text.Json.Nodes;

namespace Recipes.Notebook.Cells;

/// <summary>A value by MIME type, as Jupyter carries it. Text types hold a string, JSON types any JSON; images hold base64.</summary>
/// <param name="Data">MIME type → value, richest first.</param>
/// <param name="Metadata">By MIME type or empty.</param>
public sealed record MimeBundle(JsonObject Data, JsonObject Metadata)
{
    /// <summary>One type and its text.</summary>
    public static MimeBundle Of(string mimeType, string text) => new(new JsonObject { [mimeType] = text }, []);

    /// <summary>Plain text.</summary>
    public static MimeBundle Text(string text) => Of("text/plain", text);
}
