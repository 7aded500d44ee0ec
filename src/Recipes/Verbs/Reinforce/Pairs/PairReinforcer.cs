using Recipes.Data;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>Makes reinforced samples: draws augmentations, asks the captioner, asks the teachers.</summary>
internal sealed class PairReinforcer(
    ICaptionedSet images,
    IReadOnlyList<PairTeacher> teachers,
    ICaptioner? captioner,
    PairReinforceOptions options
)
{
    /// <summary>The samples of a range of images, in order; the same whatever the ranges.</summary>
    public IEnumerable<ReinforcedSample> Samples(int first, int count, CancellationToken cancellation)
    {
        for (var start = first; start < first + count; start += options.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var sample in Batch(start, Math.Min(options.Batch, first + count - start)))
                yield return sample;
        }
    }

    private List<ReinforcedSample> Batch(int first, int count)
    {
        var pictures = Enumerable.Range(first, count).Select(images.Image).ToList();
        var views = pictures.Select((p, i) => Draw(first + i, p)).ToList();
        var synthetic =
            options.Captions > 0 && captioner is not null ? captioner.Caption(pictures, options.Captions, options.Seed, first) : null;
        var real = Enumerable.Range(first, count).Select(images.Captions).ToList();
        var seen = Embed(teachers.Count == 0 ? [] : Replay(pictures, views), count * options.Views);
        var texts = Embed([.. real.SelectMany(c => c), .. synthetic?.SelectMany(c => c) ?? []]);
        var (samples, atReal, atSynthetic) = (new List<ReinforcedSample>(), 0, real.Sum(c => c.Count));
        for (var i = 0; i < count; i++)
        {
            samples.Add(
                new ReinforcedSample
                {
                    Key = images.Key(first + i),
                    Captions = real[i],
                    Augmentations = views[i],
                    ImageEmbeddings = seen?.Slice(i * options.Views, options.Views),
                    TextEmbeddings = texts?.Slice(atReal, real[i].Count),
                    Synthetic = synthetic is null
                        ? []
                        : [new SyntheticCaptions("syn_text", synthetic[i], texts?.Slice(atSynthetic, synthetic[i].Count))],
                }
            );
            atReal += real[i].Count;
            atSynthetic += synthetic?[i].Count ?? 0;
        }
        return samples;
    }

    private StoredAugmentation[] Draw(int index, RgbImage picture)
    {
        var drawn = new StoredAugmentation[options.Views];
        for (var view = 0; view < drawn.Length; view++)
        {
            var rng = Rng.Stream(options.Seed, "reinforce", index, view);
            drawn[view] = StoredAugmentation.Draw(options.Augment, picture.Width, picture.Height, options.Size, ref rng);
        }
        return drawn;
    }

    // All views of all pictures, one after another: [N·A, size, size, 3].
    private byte[] Replay(List<RgbImage> pictures, List<StoredAugmentation[]> views)
    {
        var length = 3 * options.Size * options.Size;
        var bytes = new byte[pictures.Count * options.Views * length];
        Parallel.For(
            0,
            pictures.Count * options.Views,
            i =>
                views[i / options.Views]
                    [i % options.Views]
                    .Replay(pictures[i / options.Views], options.Size, bytes.AsSpan(i * length, length))
        );
        return bytes;
    }

    private EmbeddingTable? Embed(byte[] pixels, int count) => Embed(teacher => teacher.Images(pixels, count, options.Size));

    private EmbeddingTable? Embed(List<string> captions) => Embed(teacher => teacher.Captions(captions));

    private EmbeddingTable? Embed(Func<PairTeacher, Tensor> ask)
    {
        if (teachers.Count == 0)
            return null;
        using var scope = NewDisposeScope();
        return EmbeddingTable.Of(cat(teachers.Select(ask).ToList(), 1));
    }
}
