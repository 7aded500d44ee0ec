namespace Recipes.Reproductions;

/// <summary>How a reproduction is run: the options of <c>recipes run</c>.</summary>
public sealed record RunOptions
{
    /// <summary>How large.</summary>
    public Scale Scale { get; init; } = Scale.Laptop;

    /// <summary>The first seed; arms use this one and those that follow.</summary>
    public long Seed { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Pairs name=value.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>The run's folder; null for a new one under <c>runs/</c>.</summary>
    public string? Out { get; init; }

    /// <summary>Goes on with the newest unfinished run of the same recipes.</summary>
    public bool Resume { get; init; }
}
