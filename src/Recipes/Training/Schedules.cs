namespace Recipes.Training;

/// <summary>The base value throughout.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    protected override double After(double passed, double totalSteps, double stepsPerEpoch) => 1;
}

/// <summary>Half a cosine from 1 to <see cref="End"/>; see <see cref="Schedule.Cosine(double?, double, double)"/>.</summary>
public sealed record CosineSchedule : Schedule
{
    /// <summary>Epochs at which the end is reached, warm-up included; null is the end of training.</summary>
    public double? Epochs { get; init; }

    /// <summary>The factor at the end.</summary>
    public double End { get; init; }

    /// <inheritdoc/>
    protected override double After(double passed, double totalSteps, double stepsPerEpoch)
    {
        var length = Epochs is { } epochs ? (epochs - Warmup) * stepsPerEpoch : totalSteps;
        return Anneal(1, End, passed / Math.Max(length, 1e-9));
    }

    internal override IEnumerable<string> Problems(double epochs)
    {
        var problems = base.Problems(epochs).Concat(InUnit("end", End));
        return Epochs is { } length && !(length > Warmup)
            ? problems.Append($"epochs: expected above the warm-up of {Warmup}, found {length}")
            : problems;
    }
}

/// <summary>Multiplied by <see cref="Factor"/> at each milestone.</summary>
public sealed record StepSchedule : Schedule
{
    /// <summary>Epochs counted from the start of training, rising.</summary>
    public required IReadOnlyList<double> Milestones { get; init; }

    /// <summary>In (0, 1].</summary>
    public double Factor { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override double After(double passed, double totalSteps, double stepsPerEpoch)
    {
        var epoch = passed / stepsPerEpoch + Warmup;
        return Math.Pow(Factor, Milestones.Count(m => epoch >= m));
    }

    internal override IEnumerable<string> Problems(double epochs)
    {
        foreach (var problem in base.Problems(epochs))
            yield return problem;
        if (!(Factor is > 0 and <= 1))
            yield return $"factor: expected above 0 to 1, found {Factor}";
        if (Milestones.Zip(Milestones.Skip(1)).Any(p => p.First >= p.Second))
            yield return $"milestones: expected rising epochs, found {string.Join(", ", Milestones)}";
    }
}

/// <summary>end + (1 − end)(1 − t/T)^power.</summary>
public sealed record PolySchedule : Schedule
{
    /// <summary>Above 0; 1 is a straight line.</summary>
    public double Power { get; init; } = 0.9;

    /// <summary>The factor at the end.</summary>
    public double End { get; init; }

    /// <inheritdoc/>
    protected override double After(double passed, double totalSteps, double stepsPerEpoch) =>
        End + (1 - End) * Math.Pow(Math.Max(0, 1 - passed / Math.Max(totalSteps, 1e-9)), Power);

    internal override IEnumerable<string> Problems(double epochs)
    {
        var problems = base.Problems(epochs).Concat(InUnit("end", End));
        return Power > 0 ? problems : problems.Append($"power: expected above 0, found {Power}");
    }
}

/// <summary>A cosine up to 1, then a cosine down.</summary>
public sealed record OneCycleSchedule : Schedule
{
    /// <summary>The fraction of training at which the factor is 1, inside (0, 1).</summary>
    public double Peak { get; init; } = 0.3;

    /// <summary>The first factor.</summary>
    public double Start { get; init; } = 0.04;

    /// <summary>The last factor.</summary>
    public double End { get; init; } = 4e-6;

    /// <inheritdoc/>
    protected override double After(double passed, double totalSteps, double stepsPerEpoch)
    {
        var progress = passed / Math.Max(totalSteps, 1e-9);
        return progress < Peak ? Anneal(Start, 1, progress / Peak) : Anneal(1, End, (progress - Peak) / (1 - Peak));
    }

    internal override IEnumerable<string> Problems(double epochs)
    {
        var problems = base.Problems(epochs).Concat(InUnit("start", Start)).Concat(InUnit("end", End));
        return Peak is > 0 and < 1 ? problems : problems.Append($"peak: expected inside 0 to 1, found {Peak}");
    }
}
