namespace Recipes.Training;

/// <summary>The optimizers: <c>Optim.Sgd(0.1)</c>.</summary>
public static class Optim
{
    /// <summary>SGD with momentum, the optimizer of MobileOne (sec. 4.1 of the paper).</summary>
    /// <param name="learningRate">Base learning rate.</param>
    /// <param name="momentum">In [0, 1).</param>
    /// <param name="nesterov">Look ahead along the momentum.</param>
    /// <param name="weightDecay">Base of the L2 term.</param>
    public static SgdSpec Sgd(double learningRate, double momentum = 0.9, bool nesterov = false, double weightDecay = 0) =>
        new()
        {
            LearningRate = learningRate,
            Momentum = momentum,
            Nesterov = nesterov,
            WeightDecay = weightDecay,
        };

    /// <summary>Adam.</summary>
    /// <param name="learningRate">Base learning rate.</param>
    /// <param name="beta1">Decay of the mean of gradients.</param>
    /// <param name="beta2">Decay of the mean of squared gradients.</param>
    /// <param name="epsilon">Added to the root of the mean of squares.</param>
    /// <param name="weightDecay">Base of the L2 term.</param>
    public static AdamSpec Adam(
        double learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0
    ) =>
        new()
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
        };

    /// <summary>Adam with decoupled weight decay.</summary>
    /// <inheritdoc cref="Adam"/>
    public static AdamWSpec AdamW(
        double learningRate,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0.01
    ) =>
        new()
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
        };
}
