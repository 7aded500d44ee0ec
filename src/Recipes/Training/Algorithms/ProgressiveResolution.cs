namespace Recipes.Training;

/// <summary>Smaller images and weaker augmentation first (MobileOne sec. 4.1).</summary>
/// <param name="phases">Phases by rising start.</param>
public sealed class ProgressiveResolution(IReadOnlyList<ResolutionPhase> phases) : ITrainingAlgorithm
{
    /// <inheritdoc/>
    public string Name => "progressive " + string.Join(' ', phases.Select(p => $"{p.From}:{p.Size}:{p.Strength}"));

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainState state)
    {
        if (moment == TrainingEvent.EpochStart && ResolutionPhase.At(phases, state.Epoch, state.Plan.Epochs) is { } phase)
            (state.Size, state.Strength) = (phase.Size, phase.Strength);
    }
}
