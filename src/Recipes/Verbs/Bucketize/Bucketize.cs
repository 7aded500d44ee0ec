using System.Numerics;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>bucketize</b>: cuts each document into pieces of lengths 2^i by the binary digits of its length, longest first, so that
/// every sequence is part of one document and nothing is padded (Dataset Decomposition, arXiv 2405.13226; its released code). The
/// documents stay as they are; sequences are views of them.
/// </summary>
/// <remarks>Curricula over buckets, shards and manifests come with the paper.</remarks>
public static class BucketizeVerb
{
    private const int MostPow = 30;

    /// <summary>Cuts documents into buckets of 2^minPow to 2^maxPow tokens.</summary>
    /// <param name="documents">Token ids, the end-of-text token included where there shall be one.</param>
    /// <param name="minPow">The shortest bucket, 0 to 30; a document's end that is shorter is dropped.</param>
    /// <param name="maxPow">The longest bucket, minPow to 30.</param>
    /// <param name="options">Label token, random cuts.</param>
    /// <exception cref="RecipesException">A power is out of range or a document is null; all problems together.</exception>
    public static Buckets Bucketize(this IEnumerable<int[]> documents, int minPow = 8, int maxPow = 13, BucketizeOptions? options = null)
    {
        options ??= new BucketizeOptions();
        var rng = Rng.Stream(options.Seed, "buckets");
        return Bucketize([.. documents], minPow, maxPow, options, () => rng.NextDouble());
    }

    /// <summary>The same with the random numbers given, in [0, 1), one for each random cut.</summary>
    internal static Buckets Bucketize(IReadOnlyList<int[]> documents, int minPow, int maxPow, BucketizeOptions options, Func<double> next)
    {
        RecipesException.ThrowIfAny("these documents cannot be bucketized:", Problems(documents, minPow, maxPow));
        var sequences = Enumerable.Range(minPow, maxPow - minPow + 1).Select(_ => new List<BucketSequence>()).ToList();
        var extra = options.LabelToken ? 1 : 0;
        var (dropped, wholly) = (0L, 0);
        for (var document = 0; document < documents.Count; document++)
        {
            var tokens = documents[document];
            var start = 0;
            while (tokens.Length - start > extra)
            {
                var power = BitOperations.Log2((uint)(tokens.Length - start - extra));
                if (power < minPow)
                    break;
                if (power > maxPow)
                    power = options.Randomize ? Draw(minPow, maxPow, next()) : maxPow;
                var length = (1 << power) + extra;
                sequences[power - minPow].Add(new BucketSequence(document, start, tokens.AsMemory(start, length)));
                start += length;
            }
            dropped += tokens.Length - start;
            wholly += start == 0 ? 1 : 0;
        }
        var buckets = sequences.Select((s, i) => new Bucket(minPow + i, s)).ToList();
        var counts = buckets.ConvertAll(b => new BucketCount(b.Power, b.Sequences.Count));
        return new Buckets(
            buckets,
            new BucketizeEvidence(documents.Count, documents.Sum(d => (long)d.Length), counts, options.LabelToken, dropped, wholly)
        );
    }

    // The longest bucket has one part of 2^m - 1, the next shorter two, and so on; the first whose sum of parts exceeds u.
    private static int Draw(int minPow, int maxPow, double u)
    {
        var parts = u * ((1L << (maxPow - minPow + 1)) - 1);
        var power = maxPow;
        while (power > minPow && parts >= (1L << (maxPow - power + 1)) - 1)
            power--;
        return power;
    }

    private static List<string> Problems(IReadOnlyList<int[]> documents, int minPow, int maxPow)
    {
        var problems = new List<string>();
        if (minPow is < 0 or > MostPow)
            problems.Add($"minPow: expected 0 to {MostPow}, found {minPow}");
        if (maxPow < minPow || maxPow > MostPow)
            problems.Add($"maxPow: expected minPow ({minPow}) to {MostPow}, found {maxPow}");
        problems.AddRange(
            documents.Select((d, i) => (d, i)).Where(p => p.d is null).Select(p => $"document {p.i}: expected token ids, found null")
        );
        return problems;
    }
}
