namespace Recipes.Training;

/// <summary>Changes training at named events: the batch, the loss, gradients, weights. Something that only watches is an
/// <see cref="ITrainingObserver"/>.</summary>
public interface ITrainingAlgorithm
{
    /// <summary>Name and settings, part of a checkpoint's identity; equal names mean equal behaviour.</summary>
    string Name { get; }

    /// <summary>Called at every event; tensors made here die with the step, unless they are the state's loss or batch.</summary>
    void Handle(TrainingEvent moment, TrainState state);
}

/// <summary>Only watches.</summary>
public interface ITrainingObserver
{
    /// <summary>Called at every event but those inside a step, in the loop's thread.</summary>
    void Handle(TrainingEvent moment, TrainProgress progress);
}
