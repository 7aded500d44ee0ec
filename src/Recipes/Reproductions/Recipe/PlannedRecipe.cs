using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>What all recipes have in common while it is still open how they train; each step gives a new value.</summary>
/// <typeparam name="TRecipe">The recipe itself.</typeparam>
/// <param name="Plan">How it trains so far.</param>
public abstract record PlannedRecipe<TRecipe>(TrainPlan Plan)
    where TRecipe : PlannedRecipe<TRecipe>
{
    /// <summary>The optimizer, and the factor on its learning rate over training.</summary>
    public TRecipe Optimize(OptimizerSpec optimizer, Schedule? learningRate = null) =>
        With(Plan with { Optimizer = optimizer, LearningRate = learningRate ?? Plan.LearningRate });

    /// <summary>A moving average of the weights; with <paramref name="warmup"/> its decay starts small.</summary>
    public TRecipe Ema(double decay, bool warmup = false) => With(Plan with { Ema = decay, EmaWarmup = warmup });

    /// <summary>Largest norm of all gradients together.</summary>
    public TRecipe Clip(double norm) => With(Plan with { ClipNorm = norm });

    /// <summary>Number type and memory layout; both choose the faster by default.</summary>
    public TRecipe Compute(Precision precision = Precision.Auto, ChannelsLast channelsLast = ChannelsLast.Auto) =>
        With(Plan with { Precision = precision, ChannelsLast = channelsLast });

    /// <summary>The seed of all streams: weights, order, augmentation, mixing, dropout.</summary>
    public TRecipe Seeded(long seed) => With(Plan with { Seed = seed });

    /// <summary>The same recipe with another plan.</summary>
    private protected TRecipe With(TrainPlan plan) => (TRecipe)(this with { Plan = plan });
}
