namespace Recipes.Verbs;

/// <summary>How <c>Bucketize</c> cuts documents.</summary>
public sealed record BucketizeOptions
{
    /// <summary>
    /// Whether a sequence of bucket i holds 2^i + 1 tokens, so that 2^i inputs have 2^i labels, as the official code has it; without, it
    /// holds 2^i, as the paper's text has it.
    /// </summary>
    /// <value>Default true.</value>
    public bool LabelToken { get; init; } = true;

    /// <summary>
    /// How a document is cut while it is longer than the longest bucket: with false the longest bucket each time; with true a random one,
    /// twice as likely as the next longer, so that all buckets get as many tokens (the official code's default).
    /// </summary>
    /// <value>Default false.</value>
    public bool Randomize { get; init; }

    /// <summary>The seed of these draws.</summary>
    public long Seed { get; init; }
}
