namespace Recipes.Data;

/// <summary>
/// Batches of a set, as a value: <c>new ImageLoader(set, augment, 128, 64, source.Normalization) { Seed = 17 }</c>. Each epoch's
/// order and each picture's augmentation follow from the seed, the epoch and the index, so the batches are equal bit for bit
/// whatever the number of workers and wherever an epoch is entered.
/// </summary>
/// <param name="Set">The pictures.</param>
/// <param name="Augment">What happens to them.</param>
/// <param name="BatchSize">Pictures in a batch; the last batch may be smaller unless <see cref="DropLast"/>.</param>
/// <param name="Size">Side in pixels.</param>
/// <param name="Normalization">What to subtract and divide by.</param>
public sealed record ImageLoader(IImageSet Set, Augment Augment, int BatchSize, int Size, Normalization Normalization)
{
    /// <summary>The seed of order and augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>A new order each epoch; else the set's own.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Leave out a last batch that is not full.</summary>
    public bool DropLast { get; init; }

    /// <summary>Threads that prepare batches ahead; 0 prepares each batch when it is asked for. Default: as many as cores, at most 8.</summary>
    public int Workers { get; init; } = Math.Min(Environment.ProcessorCount, 8);

    /// <summary>Lay images out with channels innermost; the shape stays <c>[B, 3, H, W]</c>.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Which augmentations: null makes new ones each epoch, from <see cref="Seed"/>.</summary>
    public RepeatedViews? Views { get; init; }

    /// <summary>Batches in an epoch.</summary>
    public int Batches => DropLast ? Set.Count / BatchSize : (Set.Count + BatchSize - 1) / BatchSize;

    /// <summary>For measuring: in order, nothing random.</summary>
    /// <param name="set">The pictures.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="normalization">What to subtract and divide by.</param>
    public static ImageLoader ForEvaluation(IImageSet set, int batchSize, int size, Normalization normalization) =>
        new(set, Augment.None, batchSize, size, normalization) { Shuffle = false };

    /// <summary>
    /// The batches of an epoch. Workers run from the first batch until the enumeration ends, also when it is left early or by an
    /// exception; a worker's exception is thrown here, at the batch that it belongs to. Dispose each batch.
    /// </summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">Where to enter the epoch; a resumed run gives the number of batches done.</param>
    /// <exception cref="RecipesException">A value is out of range, or a picture cannot be read.</exception>
    public IEnumerable<ImageBatch> Epoch(int epoch, int firstBatch = 0)
    {
        RecipesException.ThrowIfAny($"loader of {Set.Name}: cannot start.", Problems(firstBatch));
        var order = Order(epoch);
        return BatchWorkers.Run(Workers, () => new BatchFiller(this, epoch), firstBatch, Batches, number => Slot(number, order));
    }

    /// <summary>The order of pictures in an epoch.</summary>
    public int[] Order(int epoch)
    {
        if (!Shuffle)
            return [.. Enumerable.Range(0, Set.Count)];
        var rng = Rng.Stream(Seed, "order", epoch);
        return rng.Permutation(Set.Count);
    }

    private BatchSlot Slot(int number, int[] order)
    {
        var start = number * BatchSize;
        return new BatchSlot(number, order[start..Math.Min(start + BatchSize, order.Length)], Size, ChannelsLast);
    }

    private List<string> Problems(int firstBatch)
    {
        var problems = new List<string>(Augment.Problems());
        if (BatchSize < 1)
            problems.Add($"batch size: expected at least 1, found {BatchSize}");
        if (Size is < 1 or > 4096)
            problems.Add($"size: expected 1 to 4096 pixels, found {Size}");
        if (Views is { Count: < 1 })
            problems.Add($"views: expected at least 1, found {Views.Count}");
        if (Workers is < 0 or > 64)
            problems.Add($"workers: expected 0 to 64, found {Workers}");
        if (BatchSize >= 1 && (firstBatch < 0 || firstBatch > Batches))
            problems.Add($"first batch: expected 0 to {Batches}, found {firstBatch}");
        return problems;
    }
}
