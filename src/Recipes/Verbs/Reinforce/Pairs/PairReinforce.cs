using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Models;
using Recipes.Weights;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>reinforce</b> for captioned images (MobileCLIP, arXiv 2311.17049, sec. 3): stored augmentations, synthetic captions, and what teachers say of all of
/// them, once; students then learn from it at the cost of plain training.
/// </summary>
public static class PairReinforceVerb
{
    /// <summary>Reinforces in memory.</summary>
    /// <param name="images">The captioned images.</param>
    /// <param name="by">Teachers, asked in evaluation mode and left as they are; none stores no embeddings.</param>
    /// <param name="captioner">Makes synthetic captions; null makes none.</param>
    /// <param name="options">What is stored.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">Options are out of range, or an image cannot be read.</exception>
    public static ReinforcedPairs Reinforce(
        this ICaptionedSet images,
        IReadOnlyList<PairTeacher> by,
        ICaptioner? captioner,
        PairReinforceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new PairReinforceOptions();
        RecipesException.ThrowIfAny($"{images.Name} cannot be reinforced:", [.. options.Problems()]);
        var samples = new PairReinforcer(images, by, captioner, options).Samples(0, images.Count, cancellation).ToList();
        return new ReinforcedPairs(images, samples, [.. by.Select(t => t.Width)]);
    }

    /// <summary>
    /// Reinforces into shards in the layout of DataCompDR, pictures left where they are, and joins them. Shards are written one after another; after a kill the
    /// finished ones stand and the work goes on with the first that is missing.
    /// </summary>
    /// <inheritdoc cref="Reinforce(ICaptionedSet, IReadOnlyList{PairTeacher}, ICaptioner, PairReinforceOptions, CancellationToken)"/>
    /// <param name="images">The captioned images.</param>
    /// <param name="by">Teachers; none stores no embeddings.</param>
    /// <param name="captioner">Makes synthetic captions; null makes none.</param>
    /// <param name="folder">Where shards and manifest go.</param>
    /// <param name="options">What is stored, and how.</param>
    /// <param name="cancellation">Stops between batches; the shard in progress is discarded.</param>
    /// <exception cref="RecipesException">
    /// Options are out of range, an image cannot be read, another process writes here, or the folder holds what other teachers or options made.
    /// </exception>
    public static ReinforcedPairs Reinforce(
        this ICaptionedSet images,
        IReadOnlyList<PairTeacher> by,
        ICaptioner? captioner,
        string folder,
        PairReinforceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new PairReinforceOptions();
        RecipesException.ThrowIfAny($"{images.Name} cannot be reinforced:", [.. options.Problems()]);
        var reinforcer = new PairReinforcer(images, by, captioner, options);
        var size = options.ShardSize;
        ShardedWork.Run(
            folder,
            (images.Count + size - 1) / size,
            Facts(images, by, captioner, options),
            shard =>
                reinforcer
                    .Samples(shard * size, Math.Min(size, images.Count - shard * size), cancellation)
                    .Select(s => s.ToShard(options.Layout)),
            new ShardedWorkOptions { Rank = options.Rank, World = options.World },
            cancellation
        );
        return ReinforcedPairs.Join(images, folder, [.. by.Select(t => t.Width)]);
    }

    // All that decides the bytes.
    private static JsonObject Facts(
        ICaptionedSet images,
        IReadOnlyList<PairTeacher> by,
        ICaptioner? captioner,
        PairReinforceOptions options
    ) =>
        new()
        {
            ["images"] = images.Name,
            ["count"] = images.Count,
            ["teachers"] = new JsonArray([.. by.Select(t => (JsonNode)$"{t.Network.GetName()} {StateDict.Digest(t.Network)}")]),
            ["captioner"] = captioner?.Name,
            ["options"] = CanonicalJson.Of(options with { Rank = 0, World = 1, Batch = 1 }),
        };
}
