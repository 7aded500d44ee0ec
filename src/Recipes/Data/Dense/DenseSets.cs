namespace Recipes.Data;

/// <summary>Scenes with their masks, depths and boxes, drawn when they are read.</summary>
/// <param name="seed">The world.</param>
/// <param name="first">The index of the first scene.</param>
/// <param name="count">How many.</param>
/// <param name="name">The set's name.</param>
public sealed class DenseScenes(long seed, long first, int count, string name) : IDenseSet
{
    private static readonly string[] s_classes = ["background", .. Scene.ClassNames, "word"];

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public int Count { get; } = count;

    /// <inheritdoc/>
    public IReadOnlyList<DenseTask> Tasks { get; } = [DenseTask.Segmentation, DenseTask.Depth, DenseTask.Boxes];

    /// <summary>Background, the ten shapes, and the word.</summary>
    public IReadOnlyList<string> Classes => s_classes;

    /// <summary>The ten shapes, and the word.</summary>
    public IReadOnlyList<string> BoxClasses { get; } = s_classes[1..];

    /// <inheritdoc/>
    public DenseSample Read(int index, int side)
    {
        var scene = Scene.At(seed, first + index);
        var found = scene.Annotate(side);
        var labels = scene.Objects.Select(o => (int)o.Shape).Append(Scene.WordLabel - 1).ToList();
        var boxes = found.Boxes.Select((box, i) => new LabelledBox(labels[i < scene.Objects.Count ? i : ^1], box));
        return new DenseSample(
            new RgbImage(scene.Draw(side), side, side),
            found.Semantic,
            found.Depth,
            [.. boxes.Where(b => !b.Box.IsEmpty)]
        );
    }
}

/// <summary>Some pictures of another set.</summary>
/// <param name="set">The set.</param>
/// <param name="indices">Which pictures of it, in this order.</param>
public sealed class DenseSubset(IDenseSet set, IReadOnlyList<int> indices) : IDenseSet
{
    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DenseTask> Tasks => set.Tasks;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<string> BoxClasses => set.BoxClasses;

    /// <summary>The pictures that were chosen, as places in the whole set.</summary>
    public IReadOnlyList<int> Indices => indices;

    /// <summary>A share of a set, at least one picture, the same on every machine; a smaller share is a part of a larger one.</summary>
    public static DenseSubset Sample(IDenseSet set, double fraction)
    {
        var rng = Rng.Stream(0, "subset", set.Count);
        var chosen = rng.Permutation(set.Count)[..Math.Max(1, (int)Math.Round(fraction * set.Count))];
        Array.Sort(chosen);
        return new DenseSubset(set, chosen);
    }

    /// <inheritdoc/>
    public DenseSample Read(int index, int side) => set.Read(indices[index], side);
}
