namespace Recipes.Training;

/// <summary>How to evaluate.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Sample predictions to keep, spread evenly over the set.</summary>
    public int Samples { get; init; }

    /// <summary>Memory layout of images; the same choice as in training gives the same bits.</summary>
    public ChannelsLast ChannelsLast { get; init; }
}

/// <summary>One test sample's prediction, for reports.</summary>
/// <param name="Index">The sample's place in the test set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The first guess.</param>
/// <param name="Probability">The softmax probability of the first guess.</param>
public sealed record Prediction(int Index, int Label, int Predicted, double Probability);

/// <summary>A classifier measured on a whole set, every sample once, without augmentation.</summary>
public sealed record Evaluation
{
    /// <summary>Samples.</summary>
    public required int Count { get; init; }

    /// <summary>Mean cross-entropy in nats, without label smoothing.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of samples whose first guess is right, 0 to 1.</summary>
    public required double Top1 { get; init; }

    /// <summary>Share of samples with the right class among the first five guesses, 0 to 1.</summary>
    public required double Top5 { get; init; }

    /// <summary>Counts by true class, then by predicted class.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; } = [];

    /// <summary>Some predictions.</summary>
    public IReadOnlyList<Prediction> Samples { get; init; } = [];
}
