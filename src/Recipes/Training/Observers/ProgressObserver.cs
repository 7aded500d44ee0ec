namespace Recipes.Training;

/// <summary>Hands every event to a function, for terminals and notebooks.</summary>
/// <param name="report">Called in the loop's thread; keep it short.</param>
public sealed class ProgressObserver(Action<TrainingEvent, TrainProgress> report) : ITrainingObserver
{
    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainProgress progress) => report(moment, progress);
}
