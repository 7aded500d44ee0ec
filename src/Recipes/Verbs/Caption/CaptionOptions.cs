namespace Recipes.Verbs;

/// <summary>How <c>Caption</c> describes a set.</summary>
public sealed record CaptionOptions
{
    /// <summary>The seed of the captions.</summary>
    public long Seed { get; init; }

    /// <summary>Pictures that are read and described at once; it bounds the memory and does not change the captions.</summary>
    /// <value>Default 256.</value>
    public int Batch { get; init; } = 256;

    /// <summary>Pictures that the evidence shows, spread evenly over the set.</summary>
    /// <value>Default 12.</value>
    public int Examples { get; init; } = 12;

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Batch < 1)
            yield return $"batch: expected at least 1, found {Batch}";
        if (Examples < 0)
            yield return $"examples: expected at least 0, found {Examples}";
    }
}
