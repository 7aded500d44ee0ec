using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Bytes that a reinforced sample takes, at sizes of one's choice: what arithmetic says of its embeddings, and what is written.</summary>
/// <param name="Arithmetic">(A + 1 + S)·ΣD·2: rows of bfloat16.</param>
/// <param name="InMemory">What the embeddings take in memory.</param>
/// <param name="Written">All members of a sample without its picture, compressed, and their tar headers.</param>
public sealed record StoredSize(long Arithmetic, long InMemory, double Written)
{
    private const int Block = 512; // of a tar

    /// <summary>Writes samples with random embeddings of length 1, which compress as little as real ones.</summary>
    /// <param name="views">A, augmentations.</param>
    /// <param name="captions">S, synthetic captions; there is one real one.</param>
    /// <param name="widths">D of each teacher.</param>
    /// <param name="samples">How many; the mean counts.</param>
    public static StoredSize Measure(int views, int captions, IReadOnlyList<int> widths, int samples = 16)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        var (written, memory) = (0L, 0L);
        for (var i = 0; i < samples; i++)
        {
            var sample = Sample(i);
            memory +=
                sample.ImageEmbeddings!.Length + sample.TextEmbeddings!.Length + sample.Synthetic.Sum(s => (long)s.Embeddings!.Length);
            written += sample.Write().Sum(file => Block + (file.Content.Length + Block - 1L) / Block * Block);
        }
        return new StoredSize(2L * (views + 1 + captions) * widths.Sum(), memory / samples, (double)written / samples);

        ReinforcedSample Sample(int index)
        {
            var scene = Scene.At(0, index);
            var rng = Rng.Stream(0, "size", index);
            return new ReinforcedSample
            {
                Key = $"{index:D10}",
                Captions = [scene.Caption(SceneCaption.AltText)],
                Augmentations =
                [
                    .. Enumerable
                        .Range(0, views)
                        .Select(_ => StoredAugmentation.Draw(StoredAugmentationPolicy.Strong, 640, 480, 224, ref rng)),
                ],
                ImageEmbeddings = Embeddings(views),
                TextEmbeddings = Embeddings(1),
                Synthetic =
                [
                    new SyntheticCaptions(
                        "syn_text",
                        [.. Enumerable.Range(0, captions).Select(n => scene.Caption(SceneCaption.Short, n))],
                        Embeddings(captions)
                    ),
                ],
            };
        }

        EmbeddingTable Embeddings(int rows) =>
            EmbeddingTable
                .Of(cat([.. widths.Select(w => nn.functional.normalize(randn(rows, w, generator: generator), dim: -1))], 1))
                .ToBfloat16();
    }

    /// <summary>Claims on samples of DataCompDR-12M and -1B: 5 synthetic captions, two teachers of 768.</summary>
    /// <param name="large">With 30 augmentations.</param>
    /// <param name="small">With 10.</param>
    public static IReadOnlyList<ClaimDefinition> Claims(Measurement<StoredSize> large, Measurement<StoredSize> small)
    {
        return
        [
            Bytes(
                "memory/30",
                "Embeddings of a sample of DataCompDR-12M take what arithmetic says.",
                "110.6 kB",
                large,
                s => s.InMemory,
                Bound.Within(110.6, 0.1)
            ),
            Bytes("memory/10", "And of one of DataCompDR-1B.", "49.2 kB", small, s => s.InMemory, Bound.Within(49.2, 0.1)),
            ClaimDefinition.Of(
                "storage/written",
                ClaimKind.Ratio,
                "Written and compressed, a sample of DataCompDR-12M takes at most 1.1 times the arithmetic.",
                new PaperValue("DataCompDR", "0.7 x (1.0 TB for 12.8 M)"),
                "x",
                run => new Measured(
                    run.Get(large).Written / run.Get(large).Arithmetic,
                    FormattableString.Invariant($"{run.Get(large).Written / 1e3:F1} kB, random embeddings")
                ),
                Bound.AtMost(1.1)
            ),
        ];

        static ClaimDefinition Bytes(
            string id,
            string statement,
            string words,
            Measurement<StoredSize> size,
            Func<StoredSize, double> bytes,
            Bound bound
        ) =>
            ClaimDefinition.Of(
                $"storage/{id}",
                ClaimKind.Exact,
                statement,
                new PaperValue("DataCompDR", words),
                "kB",
                run => new Measured(
                    bytes(run.Get(size)) / 1e3,
                    FormattableString.Invariant($"{run.Get(size).Arithmetic / 1e3:F1} kB of bfloat16 by arithmetic")
                ),
                bound
            );
    }
}
