namespace Recipes.Data;

/// <summary>Some pictures of another captioned set.</summary>
/// <param name="set">The set.</param>
/// <param name="indices">Which pictures of it, in this order.</param>
/// <param name="report">What was left out; null for the set's own.</param>
public sealed class SubsetCaptions(ICaptionedSet set, IReadOnlyList<int> indices, SampleReport? report = null) : IReportedSet, ISampledSet
{
    /// <inheritdoc/>
    public string Name => set.Name;

    /// <inheritdoc/>
    public int Count => indices.Count;

    /// <inheritdoc/>
    public SampleReport Report { get; } = report ?? set.Report();

    /// <summary>A fixed random choice of <paramref name="count"/> pictures in their old order, the same on every machine.</summary>
    public static ICaptionedSet Sample(ICaptionedSet set, int count)
    {
        var chosen = Rng.Stream(0, "subset", set.Count).Permutation(set.Count)[..count];
        Array.Sort(chosen);
        return new SubsetCaptions(set, chosen);
    }

    /// <inheritdoc/>
    public string Key(int index) => set.Key(indices[index]);

    /// <inheritdoc/>
    public RgbImage Image(int index) => set.Image(indices[index]);

    /// <inheritdoc/>
    public IReadOnlyList<string> Captions(int index) => set.Captions(indices[index]);

    ShardSample? ISampledSet.Sample(int index) => set.Sample(indices[index]);
}

// A set whose pictures may be samples of shards.
internal interface ISampledSet
{
    ShardSample? Sample(int index);
}

/// <summary>What captioned sets offer beyond their pictures and captions.</summary>
public static class CaptionedSetExtensions
{
    /// <summary>All members of the shard's sample that a picture comes from, as stored; null when the set is not read from shards.</summary>
    /// <exception cref="RecipesException">The shard has changed.</exception>
    public static ShardSample? Sample(this ICaptionedSet set, int index) => (set as ISampledSet)?.Sample(index);

    /// <summary>What was left out of a set, and why.</summary>
    public static SampleReport Report(this ICaptionedSet set) =>
        set is IReportedSet { Report: var report } ? report : SampleReport.Of(set.Name, set.Count, []);
}
