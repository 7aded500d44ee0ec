namespace Recipes.Verbs;

/// <summary>What <c>Reinforce</c> stores.</summary>
public sealed record ReinforceOptions
{
    /// <summary>Stored augmentations of each image. DataCompDR has 10 and 30; more than about 5 saturate (MobileCLIP).</summary>
    /// <value>Default 5.</value>
    public int Views { get; init; } = 5;

    /// <summary>
    /// Classes kept of each teacher's opinion, the most probable ones; the rest of the probability is spread evenly over the others.
    /// Null keeps all.
    /// </summary>
    public int? TopK { get; init; }

    /// <summary>The seed of the augmentations, from which they are replayed.</summary>
    public long Seed { get; init; }

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Views is < 1 or > 10_000)
            yield return $"views: expected 1 to 10000, found {Views}";
        if (TopK < 1)
            yield return $"topK: expected at least 1, found {TopK}";
    }
}
