namespace Recipes.Training;

/// <summary>How one kind of temperature is learned, of the classes or of the instances.</summary>
/// <param name="Rate">Learning rate of SGD; each entry moves only in steps that see it, so it is large.</param>
/// <param name="Start">σ before training.</param>
/// <param name="WeightDecay">Weight of ½Σ(log σ)² over the batch's rows, a sum and not a mean: what occurs twice counts twice. It pulls σ to 1.</param>
public sealed record TemperatureOptions(double Rate, double Start = 1, double WeightDecay = 0);

/// <summary>Which temperatures are learned, and how.</summary>
public sealed record DataParametersOptions
{
    /// <summary>Temperatures of classes; null for none.</summary>
    /// <value>Default: rate 0.1, start 1.</value>
    public TemperatureOptions? Classes { get; init; } = new(0.1);

    /// <summary>Temperatures of instances; null for none.</summary>
    /// <value>Default: rate 0.8, start 0.001, the code's joint setting; it is below the least σ and moves there at the first step.</value>
    public TemperatureOptions? Instances { get; init; } = new(0.8, 0.001);

    /// <summary>Momentum of SGD, 0 up to but not 1.</summary>
    /// <value>Default 0.9.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Least and greatest σ; all entries are held between them after each step, also those that the batch did not have.</summary>
    /// <value>Default 1/20 to 20.</value>
    public (double Least, double Greatest) Limits { get; init; } = (1.0 / 20, 20);

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Classes is null && Instances is null)
            yield return "temperatures: expected those of classes, of instances or both, found none";
        foreach (var (name, kind) in new[] { ("classes", Classes), ("instances", Instances) })
        {
            if (kind is { } k && !(k.Rate > 0 && k.Start > 0 && k.WeightDecay >= 0))
                yield return $"{name}: expected rate and start above 0 and weight decay at least 0, found {k.Rate}, {k.Start} and {k.WeightDecay}";
        }
        if (!(Momentum is >= 0 and < 1))
            yield return $"momentum: expected 0 up to 1, found {Momentum}";
        if (!(Limits.Least > 0 && Limits.Least <= Limits.Greatest))
            yield return $"limits: expected 0 < least ≤ greatest, found {Limits.Least} and {Limits.Greatest}";
    }
}
