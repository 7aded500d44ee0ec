namespace Recipes.Verbs;

/// <summary>How <c>Merge</c> averages and checks.</summary>
public sealed record MergeOptions
{
    /// <summary>Each model's share, 0 to 1, in the models' order; they sum to 1. Null: equal shares.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>Shape of the probe batch; null: the model's own small probe (two images of 64 pixels for a network).</summary>
    public IReadOnlyList<long>? Probe { get; init; }

    /// <summary>The way from the first model (0) to the second (1): shares 1 − α and α (Wise-FT; SAM-CLIP, fig. 8).</summary>
    /// <param name="alpha">α, 0 to 1.</param>
    public static MergeOptions Interpolate(double alpha) => new() { Weights = [1 - alpha, alpha] };

    /// <summary>Everything that is out of range for so many models, one line each.</summary>
    public IEnumerable<string> Problems(int models)
    {
        if (Weights is null)
            yield break;
        if (Weights.Count != models)
            yield return $"weights: expected {models}, one for each model, found {Weights.Count}";
        if (Weights.Any(w => !(w is >= 0 and <= 1)))
            yield return $"weights: expected 0 to 1 each, found {string.Join(", ", Weights)}";
        if (!(Math.Abs(Weights.Sum() - 1) <= 1e-9))
            yield return $"weights: expected a sum of 1, found {Weights.Sum()}";
    }
}
