namespace Recipes.Data;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">What is said.</param>
/// <param name="Images">How many images stand before the text.</param>
public sealed record ChatTurn(string Role, string Text, int Images = 0)
{
    internal const string SystemRole = "system";
    internal const string AssistantRole = "assistant";

    /// <summary>A question, about images or not.</summary>
    public static ChatTurn User(string text, int images = 0) => new("user", text, images);

    /// <summary>An answer.</summary>
    public static ChatTurn Assistant(string text) => new(AssistantRole, text);
}
