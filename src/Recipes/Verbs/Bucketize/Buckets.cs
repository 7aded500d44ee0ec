namespace Recipes.Verbs;

/// <summary>A piece of one document.</summary>
/// <param name="Document">The document's number, from 0.</param>
/// <param name="Start">Its first token's place in the document.</param>
/// <param name="Tokens">A view of the document's tokens: 2^i, or 2^i + 1 with the last label.</param>
public readonly record struct BucketSequence(int Document, int Start, ReadOnlyMemory<int> Tokens);

/// <summary>Sequences of one length, in the documents' order.</summary>
/// <param name="Power">i; sequences have 2^i tokens.</param>
/// <param name="Sequences">The sequences.</param>
public sealed record Bucket(int Power, IReadOnlyList<BucketSequence> Sequences)
{
    /// <summary>2^i.</summary>
    public int Length => 1 << Power;
}

/// <summary>Documents cut into buckets of lengths 2^i: what length-based sampling draws batches from.</summary>
/// <param name="All">One bucket for each power, shortest first, empty ones included.</param>
/// <param name="Evidence">Counts.</param>
public sealed record Buckets(IReadOnlyList<Bucket> All, BucketizeEvidence Evidence)
{
    /// <summary>The bucket of sequences of 2^power tokens.</summary>
    /// <exception cref="RecipesException">There is no such bucket.</exception>
    public Bucket this[int power] =>
        All.FirstOrDefault(b => b.Power == power)
        ?? throw new RecipesException($"buckets: expected a power of {All[0].Power} to {All[^1].Power}, found {power}.");

    /// <summary>The evidence.</summary>
    public override string ToString() => Evidence.ToString();
}
