using Recipes.Data;

namespace Recipes.Training;

/// <summary>Images as the loop's batches: a set behind a prefetching loader.</summary>
public sealed class ImageBatches : IBatchSource
{
    private readonly ImageLoader _loader;

    /// <summary>Batches of a loader.</summary>
    public ImageBatches(ImageLoader loader)
    {
        _loader = loader;
    }

    /// <inheritdoc/>
    public string Name => _loader.Set.Name;

    /// <inheritdoc/>
    public int Classes => _loader.Set.Classes.Count;

    /// <inheritdoc/>
    public int BatchesPerEpoch => _loader.Batches;

    /// <summary>Opens both splits: shuffled, augmented and without a smaller last batch for training; in order and as they are for testing.</summary>
    /// <param name="data">Source, size, augmentation, batch.</param>
    /// <param name="seed">Of order and augmentation.</param>
    /// <param name="opened">Sets that are open already.</param>
    /// <exception cref="RecipesException">Files are missing or broken.</exception>
    public static (ImageBatches Train, ImageBatches Test) Open(ImageData data, long seed, OpenedImages opened)
    {
        var (train, test) = (opened.Open(data.Source, Split.Train), opened.Open(data.Source, Split.Test));
        var norm = data.Source.Normalization;
        var loader = new ImageLoader(train, data.Augment, data.BatchSize, data.Size, norm)
        {
            Seed = seed,
            DropLast = train.Count >= data.BatchSize,
        };
        return (new ImageBatches(loader), new ImageBatches(ImageLoader.ForEvaluation(test, Math.Max(data.BatchSize, 256), data.Size, norm)));
    }

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        var loader = _loader with { Size = request.Size ?? _loader.Size, Augment = _loader.Augment.AtStrength(request.Strength) };
        foreach (var batch in loader.Epoch(request.Epoch, request.FirstBatch))
            yield return new Batch(batch.Images, batch.Labels, batch.Indices);
    }
}
