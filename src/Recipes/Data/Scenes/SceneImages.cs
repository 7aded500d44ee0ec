namespace Recipes.Data;

/// <summary>Scenes as labelled pictures, drawn when they are read.</summary>
/// <param name="seed">The world.</param>
/// <param name="first">The index of the first scene.</param>
/// <param name="count">How many.</param>
/// <param name="name">The set's name.</param>
/// <param name="classes">What the labels say.</param>
public sealed class SceneImages(long seed, long first, int count, string name = "scenes", SceneClasses classes = SceneClasses.Shape)
    : IImageSet
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public int Count { get; } = count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; } = ScenePrompts.Names(classes);

    /// <summary>The scene behind a picture, with everything that it holds.</summary>
    public Scene this[int index] => Scene.At(seed, first + index);

    /// <inheritdoc/>
    public int Label(int index) => this[index].ClassOf(classes);

    /// <inheritdoc/>
    public void Read(int index, int size, Span<byte> rgb) => ScenePainter.Shared.Paint(this[index], size, rgb);
}
