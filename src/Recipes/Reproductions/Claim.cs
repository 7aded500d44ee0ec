using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>What a claim says about: an equality, a ratio measured side by side, or a direction that training shows.</summary>
public enum ClaimKind
{
    /// <summary>Holds to rounding, at every scale.</summary>
    Exact,

    /// <summary>A ratio of two measurements of one run.</summary>
    Ratio,

    /// <summary>A direction; needs enough training to show, so it is not attempted at smoke scale.</summary>
    Trend,
}

/// <summary>The outcome of a claim.</summary>
public enum Verdict
{
    /// <summary>Measured, and within the tolerance.</summary>
    Holds,

    /// <summary>Measured, and outside the tolerance.</summary>
    Fails,

    /// <summary>Not measured; the reason says why.</summary>
    NotAttempted,
}

/// <summary>
/// One statement of a paper with the paper's value and ours. Measured in every run, never typed in.
/// This is also one row of <c>claims.json</c>.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Claim : IDisplay
{
    /// <summary>The claim as a row of <see cref="ClaimsTable"/>.</summary>
    public string ToHtml() => ClaimsTable.From([this]).ToHtml();

    /// <summary>The claim in a few words.</summary>
    public override string ToString() => ClaimsTable.From([this]).ToString();

    /// <summary>The reproduction's name, for example <c>mobileone</c>.</summary>
    public required string Reproduction { get; init; }

    /// <summary>A short path within the reproduction, for example <c>fold/exact</c>.</summary>
    public required string Id { get; init; }

    /// <summary>One sentence.</summary>
    public required string Statement { get; init; }

    /// <summary>Exact, ratio or trend.</summary>
    public required ClaimKind Kind { get; init; }

    /// <summary>The paper's value as text with its unit, or empty where the paper gives none.</summary>
    public required string Paper { get; init; }

    /// <summary>Where it stands in the paper, for example <c>Tab. 6</c>.</summary>
    public required string Where { get; init; }

    /// <summary>Our value; null when not attempted.</summary>
    public double? Measured { get; init; }

    /// <summary>The unit of <see cref="Measured"/>: <c>points</c>, <c>x</c>, <c>relative</c> …; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What the measured value is held against, for example <c>at most 1e-5</c>.</summary>
    public string Tolerance { get; init; } = "";

    /// <summary>Holds, fails or not attempted.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Why it was not attempted, or the spread and the explanation of what was measured.</summary>
    public string Reason { get; init; } = "";

    /// <summary>smoke, laptop or paper.</summary>
    public string Scale { get; init; } = "";

    /// <summary>The seeds that went into the value.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [];
}
