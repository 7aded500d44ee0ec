using System.Collections.Concurrent;

namespace Recipes.Data;

/// <summary>Keeps what was read or drawn once in memory, as long as there is room; what no longer fits is read anew each time.</summary>
/// <param name="set">The set to read from.</param>
/// <param name="most">The most bytes to keep.</param>
public sealed class CachedDense(IDenseSet set, long most = 1L << 30) : IDenseSet
{
    private readonly ConcurrentDictionary<(int Index, int Side), DenseSample> _kept = new();
    private long _bytes;

    /// <summary>The bytes kept so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => set.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DenseTask> Tasks => set.Tasks;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => set.Classes;

    /// <inheritdoc/>
    public IReadOnlyList<string> BoxClasses => set.BoxClasses;

    /// <inheritdoc/>
    public DenseSample Read(int index, int side)
    {
        if (_kept.TryGetValue((index, side), out var kept))
            return kept;
        var sample = set.Read(index, side);
        var bytes = sample.Image.Rgb.LongLength + (sample.Labels?.LongLength ?? 0) + sizeof(float) * (sample.Depth?.LongLength ?? 0);
        if (Interlocked.Add(ref _bytes, bytes) > most || !_kept.TryAdd((index, side), sample))
            Interlocked.Add(ref _bytes, -bytes);
        return sample;
    }
}
