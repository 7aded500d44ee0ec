namespace Recipes.Training;

/// <summary>Where a run is, as observers see it.</summary>
public sealed record TrainProgress
{
    /// <summary>Completed steps.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The epoch, from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the whole training.</summary>
    public required int Epochs { get; init; }

    /// <summary>Epochs that are over and evaluated.</summary>
    public required int CompletedEpochs { get; init; }

    /// <summary>Mean loss of the last step's samples; NaN before the first.</summary>
    public double Loss { get; init; } = double.NaN;

    /// <summary>2-norm of the last step's gradients before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Weight decay of the last step.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Training speed over this process's last steps.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Time spent on this run, earlier processes included.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Time left at the present speed; null while unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>The last finished epoch's row.</summary>
    public EpochRow? Row { get; init; }

    /// <summary>The checkpoint written, or what went wrong and was mended.</summary>
    public string? Message { get; init; }

    /// <summary>The run folder, if any.</summary>
    public string? Folder { get; init; }
}

/// <summary>One epoch's outcome; a run's history is a list of these. Losses are means over samples.</summary>
public sealed record EpochRow
{
    /// <summary>The epoch, from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>Completed steps.</summary>
    public required long Step { get; init; }

    /// <summary>Mean loss over the epoch's training samples, with label smoothing and mixing as trained.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Weight decay of the last step.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Mean loss over the test set; null without one.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Share of the test set whose first guess is right.</summary>
    public double? Top1 { get; init; }

    /// <summary>Share of the test set with the right class among five guesses.</summary>
    public double? Top5 { get; init; }

    /// <summary>Mean test loss of the averaged weights; null without them.</summary>
    public double? EmaLoss { get; init; }

    /// <summary>Top-1 of the averaged weights.</summary>
    public double? EmaTop1 { get; init; }

    /// <summary>Other measures on the test set by name (<see cref="Evaluation.Numbers"/>); null without any.</summary>
    public IReadOnlyDictionary<string, double>? Numbers { get; init; }

    /// <summary>Training speed, evaluation not counted.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>Training time of the epoch in seconds, evaluation not counted.</summary>
    public double Seconds { get; init; }

    /// <summary>Steps left out because something was not finite.</summary>
    public int Skipped { get; init; }
}
