using System.Collections.Frozen;

namespace Recipes.Data;

/// <summary>Whether a caption names the main object of its scene: the first shape and the first colour in it must be the main object's.</summary>
/// <param name="Shape">Whether the shape is right.</param>
/// <param name="Color">Whether the colour is right.</param>
public readonly record struct SceneNaming(bool Shape, bool Color)
{
    private static readonly FrozenDictionary<string, SceneShape> s_shapes = Enum.GetValues<SceneShape>().ToFrozenDictionary(SceneWords.Of);
    private static readonly FrozenDictionary<string, SceneColor> s_colors = Enum.GetValues<SceneColor>().ToFrozenDictionary(SceneWords.Of);

    /// <summary>Whether both are right.</summary>
    public bool Both => Shape && Color;

    /// <summary>Reads a caption.</summary>
    /// <param name="scene">What is to be seen.</param>
    /// <param name="caption">Small letters; words between spaces.</param>
    public static SceneNaming Of(Scene scene, string caption)
    {
        var words = caption.Split([' ', ',', '.'], StringSplitOptions.RemoveEmptyEntries);
        return new SceneNaming(First(words, s_shapes) == scene.Main.Shape, First(words, s_colors) == scene.Main.Color);
    }

    /// <summary>Reads several captions of one scene.</summary>
    public static IReadOnlyList<SceneNaming> Of(Scene scene, IReadOnlyList<string> captions) => [.. captions.Select(c => Of(scene, c))];

    private static T? First<T>(string[] words, FrozenDictionary<string, T> known)
        where T : struct
    {
        foreach (var word in words)
        {
            if (known.TryGetValue(word, out var found))
                return found;
        }
        return null;
    }
}
