namespace Recipes.Data;

/// <summary>The pictures of a set, made worse after they were read at the size asked for.</summary>
/// <param name="set">The set.</param>
/// <param name="corruption">What happens to each.</param>
/// <param name="seed">Of the noise; each picture has its own.</param>
public sealed class CorruptedImages(IImageSet set, Corruption corruption, long seed = 0) : IImageSet
{
    /// <inheritdoc/>
    public string Name => $"{set.Name}, {corruption}";

    /// <inheritdoc/>
    public int Count => set.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <inheritdoc/>
    public int Label(int index) => set.Label(index);

    /// <inheritdoc/>
    public void Read(int index, int size, Span<byte> rgb)
    {
        set.Read(index, size, rgb);
        corruption.Apply(rgb, size, size, seed, index);
    }
}
