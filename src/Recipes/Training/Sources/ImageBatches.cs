using System.Text.Json;
using Recipes.Data;

namespace Recipes.Training;

/// <summary>
/// An image loader as the loop's source: a request's size and strength replace the loader's own. For training, let the loader
/// drop the last short batch, so that norms see full ones.
/// </summary>
/// <param name="loader">The loader; it lays images out as the plan's <see cref="ChannelsLast"/> choice wants them when its own
/// <see cref="ImageLoader.ChannelsLast"/> says so, which saves a copy.</param>
public sealed class ImageBatches(ImageLoader loader) : IBatchSource
{
    /// <inheritdoc/>
    public string Name { get; } =
        $"{loader.Set.Name}: {loader.Set.Count} images, {loader.Size} px, batches of {loader.BatchSize}{(loader.DropLast ? " without the last short one" : "")}, "
        + $"{(loader.Shuffle ? "shuffled" : "in order")}, seed {loader.Seed}, {(loader.Views is { } views ? $"{views.Count} views from seed {views.Seed}, " : "")}{JsonSerializer.Serialize(loader.Normalization)}, {JsonSerializer.Serialize(loader.Augment)}";

    /// <inheritdoc/>
    public int Classes => loader.Set.Classes.Count;

    /// <inheritdoc/>
    public int BatchesPerEpoch => loader.Batches;

    /// <summary>
    /// Both splits of an image recipe: shuffled, augmented and without a smaller last batch for training; in order and as they are
    /// for testing.
    /// </summary>
    /// <param name="data">Source, size, augmentation, batch.</param>
    /// <param name="seed">Of order and augmentation.</param>
    /// <param name="opened">Sets that are open already.</param>
    /// <param name="views">Augmentations that repeat; null makes new ones each epoch.</param>
    /// <exception cref="RecipesException">Files are missing or broken.</exception>
    public static (ImageBatches Train, ImageBatches Test) Open(ImageData data, long seed, OpenedImages opened, RepeatedViews? views = null)
    {
        var (train, test) = (opened.Open(data.Source, Split.Train), opened.Open(data.Source, Split.Test));
        var norm = data.Source.Normalization;
        var loader = new ImageLoader(train, data.Augment, data.BatchSize, data.Size, norm)
        {
            Seed = seed,
            DropLast = train.Count >= data.BatchSize,
            ChannelsLast = true,
            Views = views,
        };
        var testing = ImageLoader.ForEvaluation(test, Math.Max(data.BatchSize, 256), data.Size, norm) with { ChannelsLast = true };
        return (new ImageBatches(loader), new ImageBatches(testing));
    }

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        var sized = loader with
        {
            Size = request.Size ?? loader.Size,
            Augment = request.Strength == 1 ? loader.Augment : loader.Augment.AtStrength(request.Strength),
        };
        foreach (var batch in sized.Epoch(request.Epoch, request.FirstBatch))
            yield return new Batch(batch.Images, batch.Labels, batch.Indices);
    }
}
