using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>How <c>Distill</c> trains.</summary>
public sealed record DistillOptions
{
    /// <summary>The defaults.</summary>
    public DistillOptions() { }

    /// <summary>Several losses, added up: <c>new(Loss.SoftTargets(2) + Loss.Feature("stage3", "stage3"))</c>.</summary>
    public DistillOptions(DistillTargets by) => (By, Features) = (by.Soft, by.Features);

    /// <summary>Labels and the teachers' softmaxes.</summary>
    /// <value>Default: soft targets with T = 4 and λ = 0.75.</value>
    public SoftTargets By { get; init; } = new();

    /// <summary>Losses of features beside <see cref="By"/>; they need live teachers.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<FeatureTargets> Features { get; init; } = [];

    /// <summary>The training: epochs, optimizer, schedules, seed.</summary>
    /// <value>Default: 5 epochs of AdamW at 0.003 with a cosine, seed 0.</value>
    public TrainPlan Plan { get; init; } = new() { Epochs = 5, Optimizer = Optim.AdamW(3e-3) };

    /// <summary>Everything that is out of range, one line each; empty when distillation can run.</summary>
    public IReadOnlyList<string> Problems() => [.. By.Problems(), .. Features.SelectMany(f => f.Problems()), .. Plan.Problems()];
}
