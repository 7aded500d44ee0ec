using Recipes.Data;

namespace Recipes.Verbs;

/// <summary>What reinforcement stores of captioned images (MobileCLIP, arXiv 2311.17049, sec. 3 and tab. 2).</summary>
public sealed record PairReinforceOptions
{
    /// <summary>Stored augmentations of each image. DataCompDR-12M has 30, DataCompDR-1B 10; more than about 5 saturate.</summary>
    /// <value>Default 5.</value>
    public int Views { get; init; } = 5;

    /// <summary>What they are drawn from.</summary>
    public StoredAugmentationPolicy Augment { get; init; } = StoredAugmentationPolicy.Strong;

    /// <summary>Pixels a side at which teachers see them.</summary>
    /// <value>Default 224.</value>
    public int Size { get; init; } = 224;

    /// <summary>Synthetic captions of each image; none without a captioner.</summary>
    /// <value>Default 5.</value>
    public int Captions { get; init; } = 5;

    /// <summary>The seed of augmentations and captions.</summary>
    public long Seed { get; init; }

    /// <summary>Images that go through teachers at once, with all their augmentations.</summary>
    /// <value>Default 32.</value>
    public int Batch { get; init; } = 32;

    /// <summary>Samples of a shard.</summary>
    /// <value>Default 1000.</value>
    public int ShardSize { get; init; } = 1000;

    /// <summary>How samples are written: embeddings as bfloat16 in pth.gz or as float32 in npz, today's layout or the published sets'.</summary>
    public ReinforcedLayout Layout { get; init; } = new();

    /// <summary>This process among those that write one folder, from 0.</summary>
    public int Rank { get; init; }

    /// <summary>How many processes write it.</summary>
    /// <value>Default 1.</value>
    public int World { get; init; } = 1;

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (
            var (name, value, least) in new[]
            {
                ("views", Views, 1),
                ("size", Size, 8),
                ("captions", Captions, 0),
                ("batch", Batch, 1),
                ("shardSize", ShardSize, 1),
            }
        )
        {
            if (value < least)
                yield return $"{name}: expected at least {least}, found {value}";
        }
        foreach (var problem in Augment.Problems())
            yield return "augment." + problem;
    }
}
