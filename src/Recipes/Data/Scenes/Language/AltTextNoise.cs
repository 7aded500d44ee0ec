namespace Recipes.Data;

/// <summary>How bad alt-text is, as shares of all captions; what is left names the main object's colour and shape.</summary>
public sealed record AltTextNoise
{
    /// <summary>Share of captions that describe another picture.</summary>
    /// <value>Default 0.15.</value>
    public double Wrong { get; init; } = 0.15;

    /// <summary>Share of captions that describe no picture: <c>buy now free shipping</c>.</summary>
    /// <value>Default 0.25.</value>
    public double OffTopic { get; init; } = 0.25;

    /// <summary>Share of captions of one word, the main object's shape or its colour.</summary>
    /// <value>Default 0.3.</value>
    public double Terse { get; init; } = 0.3;

    /// <summary>The rates that <c>Datasets.SceneCaptions</c> uses unless told otherwise.</summary>
    public static AltTextNoise Web { get; } = new();

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, rate) in new[] { ("wrong", Wrong), ("offTopic", OffTopic), ("terse", Terse) })
        {
            if (!(rate is >= 0 and <= 1))
                yield return $"noise.{name}: expected 0 to 1, found {rate}";
        }
        if (Wrong + OffTopic + Terse > 1)
            yield return $"noise: wrong, offTopic and terse sum to at most 1, found {Wrong + OffTopic + Terse}";
    }
}
