using System.Globalization;
using System.Text;

namespace Recipes.Verbs;

/// <summary>One bucket in numbers.</summary>
/// <param name="Power">i; sequences have 2^i tokens.</param>
/// <param name="Sequences">How many.</param>
public sealed record BucketCount(int Power, int Sequences)
{
    /// <summary>Tokens to train on: 2^i for each sequence.</summary>
    public long Tokens => (long)Sequences << Power;
}

/// <summary>Where the tokens went.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="TokensIn">Tokens of all documents.</param>
/// <param name="Buckets">The buckets, shortest first.</param>
/// <param name="LabelToken">Whether each sequence holds one token more, its last label.</param>
/// <param name="Dropped">Tokens in no sequence: ends of documents that are shorter than the shortest bucket.</param>
/// <param name="DocumentsDropped">Documents that gave no sequence at all.</param>
public sealed record BucketizeEvidence(
    int Documents,
    long TokensIn,
    IReadOnlyList<BucketCount> Buckets,
    bool LabelToken,
    long Dropped,
    int DocumentsDropped
)
{
    /// <summary>Sequences of all buckets.</summary>
    public int Sequences => Buckets.Sum(b => b.Sequences);

    /// <summary>Tokens in sequences, labels' extra tokens included; with <see cref="Dropped"/> they are <see cref="TokensIn"/>.</summary>
    public long TokensInBuckets => Buckets.Sum(b => b.Tokens) + (LabelToken ? Sequences : 0);

    /// <summary>Mean tokens of a sequence, (1/N)·Σ l; 0 without sequences.</summary>
    public double MeanLength => Sequences == 0 ? 0 : (double)Buckets.Sum(b => b.Tokens) / Sequences;

    /// <summary>Mean tokens before a token, Σ l(l − 1) / (2·Σ l) (Dataset Decomposition, app. F); 0 without sequences.</summary>
    public double MeanContext =>
        Sequences == 0 ? 0 : Buckets.Sum(b => b.Tokens * ((1L << b.Power) - 1.0)) / (2.0 * Buckets.Sum(b => b.Tokens));

    /// <summary>A table of the buckets and the sums.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var all = Math.Max(1, Buckets.Sum(b => b.Tokens));
        Line(
            $"bucketize: {Documents:N0} documents of {TokensIn:N0} tokens -> {Sequences:N0} sequences{(LabelToken ? ", each with one more token for its last label" : "")}"
        );
        Line($"  {"length", 8}{"sequences", 12}{"tokens", 14}{"share", 9}");
        foreach (var bucket in Buckets)
            Line($"  {1L << bucket.Power, 8:N0}{bucket.Sequences, 12:N0}{bucket.Tokens, 14:N0}{(double)bucket.Tokens / all, 9:P1}");
        Line(
            $"  in buckets {TokensInBuckets:N0} tokens; dropped {Dropped:N0}, ends shorter than {(1L << Buckets[0].Power) + (LabelToken ? 1 : 0):N0} ({DocumentsDropped:N0} documents wholly)"
        );
        Line($"  mean length {MeanLength:N1}, mean context {MeanContext:N1} tokens");
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
