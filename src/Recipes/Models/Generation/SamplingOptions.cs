namespace Recipes.Models;

/// <summary>How the next token is chosen.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the most likely token (greedy).</summary>
    /// <value>Default 0.</value>
    public double Temperature { get; init; }

    /// <summary>Only the fewest tokens whose probabilities reach this sum may be drawn; 1 for all (nucleus sampling, arXiv 1904.09751).</summary>
    /// <value>Default 1.</value>
    public double TopP { get; init; } = 1;

    /// <summary>The most tokens to make.</summary>
    /// <value>Default 256.</value>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Tokens that end the text; they are not part of it.</summary>
    /// <value>Default none.</value>
    public IReadOnlyCollection<long> Stop { get; init; } = [];

    /// <summary>Equal seeds draw equal tokens.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Greedy: always the most likely token.</summary>
    public static SamplingOptions Greedy { get; } = new();

    internal void Check()
    {
        var problems = new List<string>();
        if (!(Temperature >= 0) || double.IsInfinity(Temperature))
            problems.Add($"{nameof(Temperature)} is {Temperature}; it must be 0 or a positive number");
        if (!(TopP > 0 && TopP <= 1))
            problems.Add($"{nameof(TopP)} is {TopP}; it must be above 0 and at most 1");
        if (MaxTokens < 0)
            problems.Add($"{nameof(MaxTokens)} is {MaxTokens}; it must be 0 or more");
        RecipesException.ThrowIfAny("tokens cannot be sampled like this:", problems);
    }
}
