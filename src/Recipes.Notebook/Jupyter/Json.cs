using System.Text.Json;

namespace Recipes.Notebook.Jupyter;

/// <summary>JSON values in the words of an error message.</summary>
internal static class Json
{
    private const int Longest = 40;

    /// <summary>What was found: its kind, and its text when that is short.</summary>
    public static string Kind(JsonElement value)
    {
        var text = value.GetRawText();
        return value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => text.Length <= Longest ? text : text[..Longest] + "…",
        };
    }
}
