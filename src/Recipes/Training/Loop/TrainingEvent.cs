namespace Recipes.Training;

/// <summary>
/// The training loop, with its events in place:
/// <code>
/// resume from the newest checkpoint, or begin at step 0
/// TrainingStart
/// for each epoch
///     EpochStart                    image size and augmentation strength may change
///     for each step                 a step is `accumulate` batches
///         learning rate, weight decay = schedules(step)
///         for each batch
///             BatchReady            inputs and targets may change: label smoothing, mixup, cutmix
///             loss = objective(module, inputs, targets)
///             LossReady             the loss may change
///             (loss / accumulate).backward()
///         stop, or skip the step, if the loss or the gradients are not finite
///         GradientsReady            gradients may change: clipping
///         optimizer.step(learning rate, weight decay)
///         Stepped                   weights have changed: the moving average follows
///         StepEnd
///         if due or cancelled: CheckpointStart, write the checkpoint, CheckpointEnd
///     evaluate the weights, and the averaged weights
///     EpochEnd
///     CheckpointStart, write the checkpoint, CheckpointEnd
/// TrainingEnd
/// </code>
/// At each event first the algorithms run, in order, then the observers.
/// </summary>
public enum TrainingEvent
{
    /// <summary>Before the first step of this process; the step is not 0 when the run was resumed.</summary>
    TrainingStart,

    /// <summary>Before an epoch's batches are asked for.</summary>
    EpochStart,

    /// <summary>A batch is on the device; its inputs and targets may be replaced.</summary>
    BatchReady,

    /// <summary>The loss is there, before its gradient; it may be replaced.</summary>
    LossReady,

    /// <summary>All gradients of a step are there and finite.</summary>
    GradientsReady,

    /// <summary>The optimizer has changed the weights.</summary>
    Stepped,

    /// <summary>A step is over, or was left out.</summary>
    StepEnd,

    /// <summary>A checkpoint is about to be written: observers flush what belongs to the steps so far.</summary>
    CheckpointStart,

    /// <summary>A checkpoint is on disk.</summary>
    CheckpointEnd,

    /// <summary>An epoch is over and evaluated.</summary>
    EpochEnd,

    /// <summary>Something went wrong and was mended, for example a corrupt checkpoint was passed over.</summary>
    Warning,

    /// <summary>After the last step.</summary>
    TrainingEnd,
}
