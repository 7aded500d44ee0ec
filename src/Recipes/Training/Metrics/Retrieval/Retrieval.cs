using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Cross-modal retrieval: which captions does an image find, and which images does a caption find.</summary>
public static class Retrieval
{
    /// <summary>Ranks by the product of embeddings, chunk by chunk: never more than <paramref name="chunk"/> rows of scores at once.</summary>
    /// <param name="images"><c>[I, D]</c>, length 1.</param>
    /// <param name="texts"><c>[N, D]</c>, length 1.</param>
    /// <param name="owners">The image of each caption, <c>N</c> numbers from 0; null where caption i is of image i. Each image has at least one.</param>
    /// <param name="chunk">Rows of scores at once.</param>
    /// <exception cref="RecipesException">Widths or owners do not fit; all problems together.</exception>
    public static RetrievalResult Measure(Tensor images, Tensor texts, IReadOnlyList<int>? owners = null, int chunk = 1024)
    {
        owners ??= [.. Enumerable.Range(0, (int)texts.shape[0])];
        RecipesException.ThrowIfAny("retrieval cannot be measured:", [.. Problems(images, texts, owners, chunk)]);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (pictures, captions) = (images.Wide(), texts.Wide().to(images.device));
        var owner = tensor(owners.Select(o => (long)o).ToArray(), device: images.device);
        return new RetrievalResult(
            Ranks(pictures, captions, chunk, (scores, from) => Best(scores, owner, from)),
            Ranks(captions, pictures, chunk, (scores, from) => scores.gather(1, owner.narrow(0, from, scores.shape[0]).unsqueeze(1)))
        );
    }

    // The number of candidates whose score is above that of the right one.
    private static RankStatistics Ranks(Tensor queries, Tensor candidates, int chunk, Func<Tensor, long, Tensor> right)
    {
        var ranks = new List<int>();
        for (var from = 0L; from < queries.shape[0]; from += chunk)
        {
            using var scope = NewDisposeScope();
            var scores = queries.narrow(0, from, Math.Min(chunk, queries.shape[0] - from)).matmul(candidates.t());
            var above = (scores > right(scores, from)).sum(1).to(ScalarType.Int32).cpu();
            ranks.AddRange(above.data<int>().ToArray());
        }
        return new RankStatistics(ranks, (int)candidates.shape[0]);
    }

    // The best of an image's own captions, [chunk, 1].
    private static Tensor Best(Tensor scores, Tensor owner, long from)
    {
        var own = arange(from, from + scores.shape[0], device: scores.device).unsqueeze(1).eq(owner.unsqueeze(0));
        return scores.masked_fill(own.logical_not(), double.NegativeInfinity).amax([1], keepdim: true);
    }

    private static IEnumerable<string> Problems(Tensor images, Tensor texts, IReadOnlyList<int> owners, int chunk)
    {
        if (images.dim() != 2 || texts.dim() != 2 || images.shape[1] != texts.shape[1])
        {
            yield return $"embeddings: expected [I, D] and [N, D], found [{string.Join(", ", images.shape)}] and [{string.Join(", ", texts.shape)}]";
            yield break;
        }
        if (chunk < 1)
            yield return $"chunk: expected at least 1, found {chunk}";
        if (owners.Count != texts.shape[0])
            yield return $"owners: expected {texts.shape[0]}, one for each caption, found {owners.Count}";
        if (owners.FirstOrDefault(o => o < 0 || o >= images.shape[0], -1) is var wrong && (wrong != -1 || owners.Contains(-1)))
            yield return $"owners: expected 0 to {images.shape[0] - 1}, found {wrong}";
        var without = Enumerable.Range(0, (int)images.shape[0]).Except(owners).ToList();
        if (without.Count > 0)
            yield return $"owners: {without.Count} images have no caption, the first is {without[0]}";
    }
}
