using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Trains modules; <see cref="TrainingEvent"/> is the loop.</summary>
public static class Trainer
{
    /// <summary>
    /// Trains a module in place by a plan. Build it, load it and move it to its device first: from here on it must keep its tensors.
    /// The same plan, data and first weights give the same result bit by bit on one machine, in one go or resumed.
    /// </summary>
    /// <param name="module">The module; it ends in training mode's weights, with its mode restored.</param>
    /// <param name="plan">How to train.</param>
    /// <param name="train">Training batches.</param>
    /// <param name="test">Test batches, or null.</param>
    /// <param name="options">Run folder, resume, cancellation, observers.</param>
    /// <exception cref="RecipesException">The plan, data and module do not fit each other (all problems together); a checkpoint is of
    /// another run or unreadable; a loss or gradient is not finite.</exception>
    /// <exception cref="TrainingCancelledException">Cancelled; a checkpoint was written.</exception>
    public static TrainResult Train(
        nn.Module module,
        TrainPlan plan,
        IBatchSource train,
        IBatchSource? test = null,
        TrainOptions? options = null
    )
    {
        options ??= new TrainOptions();
        Check(plan, train, test, options);
        var mode = module.training;
        using var scope = NewDisposeScope();
        using var precision = new MixedPrecision(module, plan.Precision);
        using var run = new TrainingRun(module, plan, train, test, options);
        try
        {
            return run.Run();
        }
        finally
        {
            precision.Keep(run.Weights);
            module.train(mode);
        }
    }

    private static void Check(TrainPlan plan, IBatchSource train, IBatchSource? test, TrainOptions options)
    {
        var problems = new List<string>(plan.Problems());
        if (plan.Accumulate >= 1 && train.BatchesPerEpoch < plan.Accumulate)
            problems.Add(
                $"{train.Name}: {train.BatchesPerEpoch} batches in an epoch do not make one step of {plan.Accumulate}; use smaller batches or more data"
            );
        if (train.Classes < 2 && (plan.LabelSmoothing > 0 || plan.Mixup > 0 || plan.CutMix > 0))
            problems.Add($"{train.Name}: label smoothing, mixup and cutmix need at least 2 classes, found {train.Classes}");
        if (test is not null && test.Classes != train.Classes)
            problems.Add($"{test.Name}: {test.Classes} classes, but {train.Name} has {train.Classes}");
        if (options.CheckpointSteps < 1)
            problems.Add($"checkpointSteps: expected at least 1, found {options.CheckpointSteps}");
        if (options.EvaluateEvery < 1)
            problems.Add($"evaluateEvery: expected at least 1, found {options.EvaluateEvery}");
        RecipesException.ThrowIfAny("the training plan cannot run:", problems);
    }
}
