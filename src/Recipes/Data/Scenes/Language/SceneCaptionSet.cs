using System.Globalization;

namespace Recipes.Data;

/// <summary>Scenes with captions of one kind, drawn when they are read.</summary>
/// <param name="seed">The world.</param>
/// <param name="first">The index of the first scene.</param>
/// <param name="count">How many.</param>
/// <param name="kind">The captions' kind.</param>
/// <param name="noise">Of alt-text.</param>
/// <param name="size">Side of the pictures in pixels.</param>
/// <param name="name">The set's name.</param>
public sealed class SceneCaptionSet(
    long seed,
    long first,
    int count,
    SceneCaption kind,
    AltTextNoise? noise = null,
    int size = 64,
    string name = "scenes"
) : ICaptionedSet
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public int Count { get; } = count;

    /// <summary>The scene behind a picture, with everything that it holds.</summary>
    public Scene this[int index] => Scene.At(seed, first + index);

    /// <inheritdoc/>
    public string Key(int index) => (first + index).ToString("D10", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public RgbImage Image(int index) => new(this[index].Draw(size), size, size);

    /// <inheritdoc/>
    public IReadOnlyList<string> Captions(int index) => [this[index].Caption(kind, noise: noise)];

    /// <summary>The scenes that a set holds, whether kept in memory or not; null where its pictures are no scenes.</summary>
    public static SceneCaptionSet? Behind(ICaptionedSet set) =>
        set switch
        {
            SceneCaptionSet scenes => scenes,
            CachedCaptions cached => Behind(cached.Source),
            _ => null,
        };
}
