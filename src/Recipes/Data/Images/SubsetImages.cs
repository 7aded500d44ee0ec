namespace Recipes.Data;

/// <summary>Some pictures of another set.</summary>
/// <param name="set">The set.</param>
/// <param name="indices">Which pictures of it, in this order.</param>
public sealed class SubsetImages(IImageSet set, IReadOnlyList<int> indices) : IImageSet
{
    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <summary>A fixed random choice of <paramref name="count"/> pictures in their old order, the same on every machine.</summary>
    public static IImageSet Sample(IImageSet set, int count)
    {
        var rng = Rng.Stream(0, "subset", set.Count);
        var chosen = rng.Permutation(set.Count)[..count];
        Array.Sort(chosen);
        return new SubsetImages(set, chosen);
    }

    /// <inheritdoc/>
    public int Label(int index) => set.Label(indices[index]);

    /// <inheritdoc/>
    public void Read(int index, int size, Span<byte> rgb) => set.Read(indices[index], size, rgb);
}
