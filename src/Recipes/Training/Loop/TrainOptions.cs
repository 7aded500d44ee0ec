namespace Recipes.Training;

/// <summary>What surrounds a training and does not change its outcome, and the algorithms and objective that a plan cannot name.</summary>
public sealed record TrainOptions
{
    /// <summary>The run folder, for checkpoints; null keeps nothing on disk.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Whether to go on from the folder's newest readable checkpoint, or begin if it has none. Otherwise training begins anew and
    /// older checkpoints of the folder are removed.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Cancelled by Ctrl-C: the step is finished and a checkpoint written.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Who watches.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>Algorithms besides the plan's own, which run first.</summary>
    public IReadOnlyList<ITrainingAlgorithm> Algorithms { get; init; } = [];

    /// <summary>The loss.</summary>
    public IObjective Objective { get; init; } = Classification.Objective;

    /// <summary>A checkpoint after each so many steps, besides that of each epoch; null is none.</summary>
    public int? CheckpointSteps { get; init; }

    /// <summary>A checkpoint when the last one is this old.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Epochs between evaluations; the last epoch is always evaluated.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Sample predictions kept of the last evaluation.</summary>
    public int Samples { get; init; } = 24;
}

/// <summary>Training was cancelled at a step; nothing is lost.</summary>
public sealed class TrainingCancelledException : OperationCanceledException
{
    internal TrainingCancelledException(long step, string? checkpoint, CancellationToken token)
        : base(
            $"training was interrupted after {step} steps"
                + (checkpoint is null ? "; there is no run folder, so nothing was saved" : $"; saved to {checkpoint}"),
            token
        ) => (Step, Checkpoint) = (step, checkpoint);

    /// <summary>Completed steps.</summary>
    public long Step { get; }

    /// <summary>The checkpoint that a resume goes on from; null without a run folder.</summary>
    public string? Checkpoint { get; }
}
