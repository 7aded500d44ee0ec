using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Recall and ranks of CLIP_benchmark with several captions of an image, and of open_clip with one.</summary>
internal static class RetrievalParity
{
    public static IEnumerable<ParityCheck> Compare(MetricCase c)
    {
        int[] counts = [.. c.Stream("captions", c["images"]).Select(u => 1 + (int)Math.Floor(5 * u))];
        yield return c.Equal("captions", c.Integers("captions"), counts);
        int[] owners = [.. counts.SelectMany((n, i) => Enumerable.Repeat(i, n))];
        var (images, texts) = Embeddings(c, owners);
        var found = Retrieval.Measure(images, texts, owners, chunk: 7);
        yield return c.Equal("rank_text_to_image", c.Integers("rank_text_to_image"), found.TextToImage.Ranks);
        yield return c.Equal("rank_image_to_text", c.Integers("rank_image_to_text"), found.ImageToText.Ranks);
        var recall = c.Json.GetProperty("recall");
        foreach (var k in new[] { 1, 5, 10 })
        {
            yield return c.Close($"image_retrieval_recall@{k}", found.TextToImage.Recall(k), recall);
            yield return c.Close($"text_retrieval_recall@{k}", found.ImageToText.Recall(k), recall);
        }
        var firsts = counts.Select((_, i) => (long)Array.IndexOf(owners, i)).ToArray();
        var paired = Retrieval.Measure(images, texts.index_select(0, tensor(firsts)));
        foreach (var (name, ranks) in new[] { ("image_to_text", paired.ImageToText), ("text_to_image", paired.TextToImage) })
        {
            var expected = c.Json.GetProperty("paired_first_caption");
            yield return c.Close($"{name}_mean_rank", ranks.Mean, expected);
            yield return c.Close($"{name}_median_rank", ranks.Median, expected);
            foreach (var k in new[] { 1, 5, 10 })
                yield return c.Close($"{name}_R@{k}", ranks.Recall(k), expected);
        }
    }

    private static (Tensor Images, Tensor Texts) Embeddings(MetricCase c, int[] owners)
    {
        var (dim, noise) = (c["dim"], c.Number("noise"));
        double[] images = [.. c.Stream("image", c["images"], dim).Select(u => 2 * u - 1)];
        var texts = c.Stream("text", owners.Length, dim).Select((u, i) => images[owners[i / dim] * dim + i % dim] + noise * (2 * u - 1));
        return (Unit(images), Unit(texts));

        Tensor Unit(IEnumerable<double> rows) =>
            nn.functional.normalize(tensor(rows.Select(v => (float)v).ToArray()).view(-1, dim), dim: 1);
    }
}
