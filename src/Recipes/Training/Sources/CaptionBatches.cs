using System.Text.Json;
using Recipes.Data;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Captioned pictures as the loop's source: images <c>[B, 3, S, S]</c>, token ids <c>[B, C, T]</c>, and what stored teachers said, under the names of <see cref="PairBatch"/>.</summary>
/// <param name="loader">The loader; for training, let it drop the last short batch.</param>
/// <param name="classes">Classes of the test images, 0 for none.</param>
public sealed class CaptionBatches(CaptionLoader loader, int classes = 0) : IBatchSource
{
    /// <inheritdoc/>
    public string Name { get; } =
        $"{loader.Set.Name}: {loader.Set.Count} captioned images, {loader.Size} px, batches of {loader.BatchSize}{(loader.DropLast ? " without the last short one" : "")}, "
        + $"{(loader.Shuffle ? "shuffled" : "in order")}, seed {loader.Seed}, {loader.Mix} captions of {loader.Context} tokens{(loader.Synthetics is { } s ? $", {s} synthetic" : "")}, "
        + $"{(loader.Views is { } views ? $"{views} stored views, teachers of {string.Join(" + ", loader.Widths)}" : JsonSerializer.Serialize(loader.Augment))}, "
        + JsonSerializer.Serialize(loader.Normalization);

    /// <inheritdoc/>
    public int Classes => classes;

    /// <summary>Widths of the stored teachers whose embeddings come with each batch; may be empty.</summary>
    public IReadOnlyList<int> Widths => loader.Widths;

    /// <inheritdoc/>
    public int BatchesPerEpoch => loader.Batches;

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        var sized = loader with { Size = request.Size ?? loader.Size };
        foreach (var batch in sized.Epoch(request.Epoch, request.FirstBatch))
        {
            var besides = (CaptionBatch)batch.Besides!;
            var (count, width) = (batch.Indices.Count, loader.Widths.Sum());
            batch.Labels.Dispose();
            var more = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            if (width > 0)
            {
                more[PairBatch.TeacherImage] = tensor(besides.TeacherImage, [count, width]);
                more[PairBatch.TeacherText] = tensor(besides.TeacherText, [count, besides.Kinds, width]);
            }
            yield return new Batch(batch.Images, tensor(besides.Tokens, [count, besides.Kinds, loader.Context]), batch.Indices, more);
        }
    }
}
