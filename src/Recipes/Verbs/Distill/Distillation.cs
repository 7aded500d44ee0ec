using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>The objective of a student: its labels and its teachers, in the ordinary loop; measured as a classifier.</summary>
internal sealed class Distillation(SoftTargets by, ITeaching teaching, FeatureTeaching? features = null) : IObjective
{
    public string Name { get; } =
        FormattableString.Invariant($"soft targets, lambda {by.Lambda}, temperature {by.Temperature}, of {teaching.Name}") + features?.Name;

    public Tensor Loss(TrainState state)
    {
        if (features is not null)
            return Loss(state, features);
        if (by.Lambda == 0)
            return Classification.Objective.Loss(state);
        var teachers = teaching.LogProbabilities(state);
        return by.Of(((nn.Module<Tensor, Tensor>)state.Module).call(state.Inputs), state.Targets, teachers);
    }

    // Student and teachers run once, and what their parts put out on the way is compared.
    private Tensor Loss(TrainState state, FeatureTeaching features)
    {
        using var listening = features.Listen();
        var teachers = teaching.LogProbabilities(state);
        var logits = ((nn.Module<Tensor, Tensor>)state.Module).call(state.Inputs);
        return by.Of(logits, state.Targets, teachers) + features.Loss();
    }

    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation) =>
        Classification.Objective.Evaluate(network, test, options, cancellation);
}
