namespace Recipes.Training;

/// <summary>Shrinks all gradients together so that their 2-norm is at most a limit.</summary>
/// <param name="limit">The largest norm, above 0.</param>
public sealed class ClipGradients(double limit) : ITrainingAlgorithm
{
    /// <inheritdoc/>
    public string Name => $"clip {limit}";

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainState state)
    {
        if (moment == TrainingEvent.GradientsReady && Factor(state.GradientNorm, limit) is var factor and < 1)
            state.ScaleGradients(factor);
    }

    /// <summary>The factor on gradients of this norm: 1 within the limit, else limit/(norm + 1e-6), as torch has it.</summary>
    public static double Factor(double norm, double limit) => Math.Min(1, limit / (norm + 1e-6));
}
