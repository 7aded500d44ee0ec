namespace Recipes.Models;

/// <summary>Sentences that class names are put into; <c>{}</c> stands for the name.</summary>
public static class ClipTemplates
{
    /// <summary>The name alone.</summary>
    public static IReadOnlyList<string> None { get; } = ["{}"];

    /// <summary>One sentence (CLIP, sec. 3.1.4).</summary>
    public static IReadOnlyList<string> Simple { get; } = ["a photo of a {}."];

    /// <summary>
    /// The seven that OpenAI's search kept of its 80 for ImageNet, in its order; better than the 80 for small models (notebook
    /// Prompt_Engineering_for_ImageNet of openai/CLIP).
    /// </summary>
    public static IReadOnlyList<string> Seven { get; } =
    [
        "itap of a {}.",
        "a bad photo of the {}.",
        "a origami {}.",
        "a photo of the large {}.",
        "a {} in a video game.",
        "art of the {}.",
        "a photo of the small {}.",
    ];
}
