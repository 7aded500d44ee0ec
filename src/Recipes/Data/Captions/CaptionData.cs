namespace Recipes.Data;

/// <summary>A source of captioned images and how they come to training. A value; nothing is read.</summary>
/// <param name="Source">Where the images come from.</param>
public sealed record CaptionData(CaptionSource Source)
{
    /// <summary>Side of the images in pixels.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Images of a batch.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>What is drawn for each training image where no stored augmentation is used; null keeps its middle.</summary>
    public StoredAugmentationPolicy? Augment { get; init; } = StoredAugmentationPolicy.Weak;

    /// <summary>Which captions a step sees; all but the real ones need a reinforced set.</summary>
    public CaptionMix Mix { get; init; } = CaptionMix.Real;

    /// <summary>Everything that is out of range.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>(Augment?.Problems().Select(p => "data.augment." + p) ?? []);
        if (Size < 8)
            problems.Add($"data.size: expected at least 8 pixels, found {Size}");
        if (BatchSize < 2)
            problems.Add($"data.batchSize: expected at least 2, for each image needs others to differ from; found {BatchSize}");
        return problems;
    }
}
