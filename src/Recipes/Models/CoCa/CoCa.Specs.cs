using Recipes.Data;

namespace Recipes.Models;

public sealed partial class CoCa
{
    /// <summary>A captioner of any size on an encoder of images.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="image">An encoder with tokens; its head stays unused, so it may have one class.</param>
    /// <param name="size">Pixels a side of the images.</param>
    /// <param name="vocabulary">V; null for that of scenes' captions.</param>
    public static CoCaSpec Of(string name, ModelSpec image, int size, int? vocabulary = null) =>
        new()
        {
            Name = name,
            Image = image.WithClasses(1),
            ImageSize = size,
            Vocabulary = vocabulary ?? ClipTokenizer.Scenes.Vocabulary,
        };

    /// <summary>A captioner of Scenes on a FastViT of three stages, which a laptop trains in a minute (not in the paper).</summary>
    /// <param name="size">Pixels a side of the images.</param>
    /// <param name="width">D.</param>
    public static CoCaSpec Mini(int size = 32, int width = 96) =>
        Of("coca_mini", FastVit.Mini(1, 24).WithoutExpansion() with { Depths = [1, 1, 2], Widths = [24, 48, 96] }, size) with
        {
            Context = 18,
            Width = width,
            Heads = width / 32,
            TextLayers = 1,
            Layers = 2,
            Queries = 16,
            Embedding = 64,
        };
}
