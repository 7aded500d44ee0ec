using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>The objective of a student: its labels and its teachers, in the ordinary loop; measured as a classifier.</summary>
internal sealed class Distillation(SoftTargets by, ITeaching teaching) : IObjective
{
    public string Name { get; } =
        FormattableString.Invariant($"soft targets, lambda {by.Lambda}, temperature {by.Temperature}, of {teaching.Name}");

    public Tensor Loss(TrainState state)
    {
        if (by.Lambda == 0)
            return Classification.Objective.Loss(state);
        var teachers = teaching.LogProbabilities(state);
        return by.Of(((nn.Module<Tensor, Tensor>)state.Module).call(state.Inputs), state.Targets, teachers);
    }

    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation) =>
        Classification.Objective.Evaluate(network, test, options, cancellation);
}
