using System.Collections.Concurrent;

namespace Recipes.Data;

/// <summary>Keeps each picture's bytes in memory once read, for each size asked for, so that drawing and decoding happen once.</summary>
/// <param name="set">The set to read from.</param>
public sealed class CachedImages(IImageSet set) : IImageSet
{
    private readonly ConcurrentDictionary<int, byte[]?[]> _bySize = new();
    private readonly Lazy<int[]> _labels = new(() => [.. Enumerable.Range(0, set.Count).Select(set.Label)]);

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => set.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <summary>The bytes kept so far.</summary>
    public long Bytes => _bySize.Sum(p => p.Value.Count(b => b is not null) * 3L * p.Key * p.Key);

    /// <inheritdoc/>
    public int Label(int index) => _labels.Value[index];

    /// <inheritdoc/>
    public void Read(int index, int size, Span<byte> rgb)
    {
        ImageBytes.Require(rgb.Length, size);
        var kept = _bySize.GetOrAdd(size, _ => new byte[set.Count][]);
        if (Volatile.Read(ref kept[index]) is not { } bytes)
        {
            bytes = new byte[rgb.Length];
            set.Read(index, size, bytes);
            Volatile.Write(ref kept[index], bytes);
        }
        bytes.CopyTo(rgb);
    }
}

/// <summary>Combinators of image sets.</summary>
public static class ImageSetExtensions
{
    /// <summary>The same pictures, kept in memory once read: <c>3 * size * size</c> bytes each.</summary>
    public static CachedImages Cached(this IImageSet set) => set as CachedImages ?? new CachedImages(set);

    /// <summary>How many pictures each class has, in class order.</summary>
    public static int[] CountByClass(this IImageSet set)
    {
        var counts = new int[set.Classes.Count];
        for (var i = 0; i < set.Count; i++)
            counts[set.Label(i)]++;
        return counts;
    }
}
