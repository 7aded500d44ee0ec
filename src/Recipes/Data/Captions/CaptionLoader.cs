namespace Recipes.Data;

/// <summary>
/// Batches of captioned pictures, as a value. Order, crops and the choice of captions and of stored augmentations follow from the seed, the epoch and the index
/// alone, so batches are equal bit for bit whatever the number of workers and wherever an epoch is entered.
/// </summary>
/// <param name="Set">The pictures.</param>
/// <param name="Tokenizer">Of their captions.</param>
/// <param name="Context">T, token ids of a caption.</param>
/// <param name="BatchSize">Pictures of a batch.</param>
/// <param name="Size">Side in pixels.</param>
/// <param name="Normalization">What to subtract and divide by.</param>
public sealed record CaptionLoader(
    ICaptionedSet Set,
    ClipTokenizer Tokenizer,
    int Context,
    int BatchSize,
    int Size,
    Normalization Normalization
)
{
    /// <summary>What is drawn anew for each picture and epoch; null keeps the picture's middle, resized.</summary>
    public StoredAugmentationPolicy? Augment { get; init; }

    /// <summary>
    /// Uses the set's stored augmentations, one of the first so many chosen uniformly each time, with its teachers' embeddings; null uses <see cref="Augment"/>.
    /// </summary>
    public int? Views { get; init; }

    /// <summary>Which captions.</summary>
    public CaptionMix Mix { get; init; } = CaptionMix.Real;

    /// <summary>Of the synthetic captions one of the first so many is chosen; null for all.</summary>
    public int? Synthetics { get; init; }

    /// <summary>Of the stored teachers the first so many; null for all.</summary>
    public int? Teachers { get; init; }

    /// <summary>The seed of order and choices.</summary>
    public long Seed { get; init; }

    /// <summary>A new order each epoch, and one of the real captions by chance; else the set's own order and the first caption.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Leave out a last batch that is not full.</summary>
    public bool DropLast { get; init; }

    /// <summary>Threads that prepare batches ahead; 0 prepares each batch when it is asked for.</summary>
    public int Workers { get; init; } = Math.Min(Environment.ProcessorCount, 8);

    /// <summary>Lay images out with channels innermost; the shape stays <c>[B, 3, H, W]</c>.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>C, kinds of captions in a batch.</summary>
    public int Kinds => Mix == CaptionMix.Both ? 2 : 1;

    /// <summary>Widths of the teachers in a batch; none unless stored views are used.</summary>
    public IReadOnlyList<int> Widths =>
        Views is not null && Set is IReinforcedSet reinforced ? [.. reinforced.Widths.Take(Teachers ?? int.MaxValue)] : [];

    /// <summary>Batches in an epoch.</summary>
    public int Batches => DropLast ? Set.Count / BatchSize : (Set.Count + BatchSize - 1) / BatchSize;

    /// <summary>The batches of an epoch; what the threads throw is thrown here. Dispose each batch.</summary>
    /// <exception cref="RecipesException">A value is out of range, or a picture cannot be read.</exception>
    internal IEnumerable<ImageBatch> Epoch(int epoch, int firstBatch = 0)
    {
        RecipesException.ThrowIfAny($"loader of {Set.Name}: cannot start:", Problems());
        var order = Order(epoch);
        return BatchWorkers.Run(Workers, () => new CaptionFiller(this, epoch), firstBatch, Batches, Slot);

        BatchSlot Slot(int number)
        {
            var start = number * BatchSize;
            return new BatchSlot(number, order[start..Math.Min(start + BatchSize, order.Length)], Size, ChannelsLast);
        }
    }

    /// <summary>Everything that is out of range, one line each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>(Augment?.Problems() ?? []);
        if (BatchSize < 1)
            problems.Add($"batch size: expected at least 1, found {BatchSize}");
        if (Size is < 1 or > 4096)
            problems.Add($"size: expected 1 to 4096 pixels, found {Size}");
        if (Context < 3)
            problems.Add($"context: expected at least 3 tokens, found {Context}");
        var stored = Set as IReinforcedSet;
        if (Views is { } views && (views < 1 || views > (stored?.Views ?? 0)))
            problems.Add($"views: expected 1 to the {stored?.Views ?? 0} that are stored, found {views}");
        if (Mix != CaptionMix.Real && (stored?.Synthetics ?? 0) == 0)
            problems.Add($"captions: {Set.Name} has no synthetic ones; reinforce it first, or use the real ones");
        if (Synthetics is { } synthetics && (synthetics < 1 || synthetics > (stored?.Synthetics ?? 0)))
            problems.Add($"synthetic captions: expected 1 to the {stored?.Synthetics ?? 0} that are stored, found {synthetics}");
        if (Teachers is { } teachers && (teachers < 1 || teachers > (stored?.Widths.Count ?? 0)))
            problems.Add($"teachers: expected 1 to the {stored?.Widths.Count ?? 0} that are stored, found {teachers}");
        return problems;
    }

    private int[] Order(int epoch)
    {
        if (!Shuffle)
            return [.. Enumerable.Range(0, Set.Count)];
        var rng = Rng.Stream(Seed, "order", epoch);
        return rng.Permutation(Set.Count);
    }
}
