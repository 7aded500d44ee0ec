namespace Recipes.Training;

/// <summary>An objective that can make its gradients itself, part of a batch by part, so that memory does not grow with the batch.</summary>
internal interface ICachedObjective
{
    /// <summary>Whether it does.</summary>
    bool Cached { get; }

    /// <summary>Adds the gradients of the batch's loss times a factor; leaves the loss in the state.</summary>
    /// <returns>The loss, without the factor.</returns>
    double Backward(TrainState state, double factor);
}
