using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Targets of 1 − ε for the class and ε spread over all (MobileOne sec. 4.1: ε = 0.1).</summary>
/// <param name="epsilon">ε in [0, 1).</param>
public sealed class LabelSmoothing(double epsilon) : ITrainingAlgorithm
{
    /// <inheritdoc/>
    public string Name => $"label-smoothing {epsilon}";

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainState state)
    {
        if (moment == TrainingEvent.BatchReady)
            state.Targets = Smooth(state.Targets, state.Classes, epsilon);
    }

    /// <summary>(1 − ε)·onehot + ε/C as <c>[B, C]</c> float32; rows sum to 1.</summary>
    /// <param name="targets">Class indices <c>[B]</c> int64, or soft targets <c>[B, C]</c>, which are smoothed likewise.</param>
    /// <param name="classes">C.</param>
    /// <param name="epsilon">ε; 0 gives the one-hot targets themselves.</param>
    public static Tensor Smooth(Tensor targets, int classes, double epsilon)
    {
        using var scope = NewDisposeScope();
        var soft = targets.dim() == 1 ? nn.functional.one_hot(targets, classes).to(ScalarType.Float32) : targets;
        return (soft * (1 - epsilon) + epsilon / classes).MoveToOuterDisposeScope();
    }
}
