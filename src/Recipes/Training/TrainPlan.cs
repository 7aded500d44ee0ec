namespace Recipes.Training;

/// <summary>Whether images go through the network with channels innermost.</summary>
public enum ChannelsLast
{
    /// <summary>On for batches of images on the CPU, where convolutions were measured faster so; off elsewhere.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>The number type of weights and activations.</summary>
public enum Precision
{
    /// <summary>Float32: bf16 was measured slower for depthwise convolutions on CPUs.</summary>
    Auto,

    /// <summary>Weights as they are, usually float32.</summary>
    F32,

    /// <summary>Weights and activations in bf16; norms, the optimizer and its copy of the weights in float32.</summary>
    Bf16,
}

/// <summary>What to do when a loss or a gradient is not a finite number.</summary>
public enum NonFinite
{
    /// <summary>Stop with an error; the last good checkpoint stays.</summary>
    Stop,

    /// <summary>Leave the step out: weights, statistics and averages stay as they were.</summary>
    SkipStep,
}

/// <summary>
/// How to train, as a value: two runs of one plan on the same data and weights are equal bit by bit. The defaults are plain;
/// <see cref="MobileOne"/> holds the paper's numbers.
/// </summary>
public sealed record TrainPlan
{
    /// <summary>Passes over the data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Ends training earlier, after this many optimizer steps; schedules then span these steps.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>The optimizer with its base learning rate and weight decay.</summary>
    public OptimizerSpec Optimizer { get; init; } = Optim.Sgd(0.1);

    /// <summary>The factor on the learning rate.</summary>
    public Schedule LearningRate { get; init; } = Schedule.Cosine();

    /// <summary>The factor on the weight decay.</summary>
    public Schedule WeightDecay { get; init; } = Schedule.Constant();

    /// <summary>ε of the target (1 − ε)·onehot + ε/C.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>α of mixup's Beta(α, α); 0 is off. With cutmix too, a fair coin decides for each batch.</summary>
    public double Mixup { get; init; }

    /// <summary>α of cutmix's Beta(α, α); 0 is off.</summary>
    public double CutMix { get; init; }

    /// <summary>Decay of the moving average of weights and statistics; null is off.</summary>
    public double? Ema { get; init; }

    /// <summary>Whether the average's decay starts small: min(decay, (1 + t)/(10 + t)) after t steps.</summary>
    public bool EmaWarmup { get; init; }

    /// <summary>Largest 2-norm of all gradients together; null is off.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Batches whose mean gradient makes one optimizer step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Progressive resolution; empty is off.</summary>
    public IReadOnlyList<ResolutionPhase> Progressive { get; init; } = [];

    /// <summary>Memory layout of images.</summary>
    public ChannelsLast ChannelsLast { get; init; }

    /// <summary>Number type of weights and activations.</summary>
    public Precision Precision { get; init; }

    /// <summary>What to do when a loss or gradient is not finite.</summary>
    public NonFinite NonFinite { get; init; }

    /// <summary>The seed of all streams.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The paper's recipe (sec. 4.1): 300 epochs, SGD with momentum at 0.1 with a cosine, weight decay 1e-4 annealed to 1e-5 by the
    /// same cosine, label smoothing 0.1, average of weights with decay 0.9995.
    /// </summary>
    public static TrainPlan MobileOne { get; } =
        new()
        {
            Epochs = 300,
            Optimizer = Optim.Sgd(0.1, weightDecay: 1e-4),
            LearningRate = Schedule.Cosine(),
            WeightDecay = Schedule.Cosine(end: 0.1),
            LabelSmoothing = 0.1,
            Ema = 0.9995,
        };

    /// <summary>Everything that is out of range, one line each; empty when the plan can run.</summary>
    public IReadOnlyList<string> Problems() => [.. Ranges(), .. Optimizer.Problems(), .. Schedules(), .. Phases()];

    /// <summary>Throws when the plan cannot run.</summary>
    /// <exception cref="RecipesException">All problems together.</exception>
    public void Check() => RecipesException.ThrowIfAny("the training plan cannot run:", Problems());

    private IEnumerable<string> Ranges()
    {
        if (Epochs < 1)
            yield return $"epochs: expected at least 1, found {Epochs}";
        if (MaxSteps < 1)
            yield return $"maxSteps: expected at least 1, found {MaxSteps}";
        if (!(LabelSmoothing is >= 0 and < 1))
            yield return $"labelSmoothing: expected 0 to below 1, found {LabelSmoothing}";
        if (!(Mixup >= 0 && double.IsFinite(Mixup)))
            yield return $"mixup: expected at least 0, found {Mixup}";
        if (!(CutMix >= 0 && double.IsFinite(CutMix)))
            yield return $"cutMix: expected at least 0, found {CutMix}";
        if (Ema is { } decay && !(decay is > 0 and < 1))
            yield return $"ema: expected inside 0 to 1, found {decay}";
        if (ClipNorm is { } norm && !(norm > 0))
            yield return $"clipNorm: expected above 0, found {norm}";
        if (Accumulate < 1)
            yield return $"accumulate: expected at least 1, found {Accumulate}";
    }

    private IEnumerable<string> Schedules() =>
        LearningRate.Problems(Epochs).Select(p => "learningRate." + p).Concat(WeightDecay.Problems(Epochs).Select(p => "weightDecay." + p));

    private IEnumerable<string> Phases()
    {
        if (Progressive.Count > 0 && Progressive[0].From != 0)
            yield return $"progressive[0].from: the first phase begins at 0, found {Progressive[0].From}";
        for (var i = 0; i < Progressive.Count; i++)
        {
            var phase = Progressive[i];
            if (!(phase.From is >= 0 and < 1) || (i > 0 && phase.From <= Progressive[i - 1].From))
                yield return $"progressive[{i}].from: expected rising fractions below 1, found {phase.From}";
            if (phase.Size < 1)
                yield return $"progressive[{i}].size: expected at least 1 pixel, found {phase.Size}";
            if (!(phase.Strength is >= 0 and <= 1))
                yield return $"progressive[{i}].strength: expected 0 to 1, found {phase.Strength}";
        }
    }
}
