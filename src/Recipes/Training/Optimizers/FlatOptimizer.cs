using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// torch's SGD, Adam and AdamW over flat groups: the same arithmetic in the same order, a few native calls for a step.
/// State is made at once, filled with zeros, so that a checkpoint is copied into it.
/// </summary>
internal abstract class FlatOptimizer : IDisposable
{
    protected FlatOptimizer(FlatState state, IReadOnlyList<string> slots)
    {
        State = state;
        using var _ = no_grad();
        Slots = slots.ToDictionary(
            s => s,
            _ => state.Groups.Select(g => zeros_like(g.Master).DetachFromDisposeScope()).ToArray(),
            StringComparer.Ordinal
        );
    }

    protected FlatState State { get; }

    protected IReadOnlyDictionary<string, Tensor[]> Slots { get; }

    /// <summary>Steps taken; Adam's bias correction needs it.</summary>
    public long Steps { get; set; }

    public static FlatOptimizer Create(OptimizerSpec spec, FlatState state) =>
        spec switch
        {
            SgdSpec sgd => new FlatSgd(sgd, state),
            AdamSpec adam => new FlatAdam(adam, state),
            _ => throw new RecipesException($"optimizer: expected sgd, adam or adamw, found {spec.GetType().Name}."),
        };

    /// <summary>One step from the gradients, which it may change; zero them before the next.</summary>
    public void Step(double learningRate, double weightDecay)
    {
        using var _ = no_grad();
        Steps++;
        for (var i = 0; i < State.Groups.Count; i++)
        {
            using var scope = NewDisposeScope();
            var group = State.Groups[i];
            var gradient = group.Gradients!.to(group.Master.dtype);
            Step(i, group.Master, gradient, learningRate * group.Rate, group.Decays ? weightDecay : 0);
            group.Publish();
        }
    }

    /// <summary>The state by name, for checkpoints: <c>momentum.decay.float32</c>.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Tensors() =>
        Slots.SelectMany(s => s.Value.Select((t, i) => ($"{s.Key}.{State.Groups[i].Name}", t)));

    public void Dispose()
    {
        foreach (var tensor in Slots.Values.SelectMany(t => t))
            tensor.Dispose();
    }

    protected abstract void Step(int group, Tensor values, Tensor gradient, double learningRate, double weightDecay);
}

internal sealed class FlatSgd(SgdSpec spec, FlatState state) : FlatOptimizer(state, spec.Momentum > 0 ? ["momentum"] : [])
{
    protected override void Step(int group, Tensor values, Tensor gradient, double learningRate, double weightDecay)
    {
        if (weightDecay != 0)
            gradient.add_(values, alpha: weightDecay);
        if (spec.Momentum > 0)
        {
            var momentum = Slots["momentum"][group];
            momentum.mul_(spec.Momentum).add_(gradient);
            gradient = spec.Nesterov ? gradient.add_(momentum, alpha: spec.Momentum) : momentum;
        }
        values.add_(gradient, alpha: -learningRate);
    }
}

internal sealed class FlatAdam(AdamSpec spec, FlatState state) : FlatOptimizer(state, ["mean", "square"])
{
    protected override void Step(int group, Tensor values, Tensor gradient, double learningRate, double weightDecay)
    {
        if (spec is AdamWSpec)
            values.mul_(1 - learningRate * weightDecay);
        else if (weightDecay != 0)
            gradient.add_(values, alpha: weightDecay);
        var (mean, square) = (Slots["mean"][group], Slots["square"][group]);
        mean.mul_(spec.Beta1).add_(gradient, alpha: 1 - spec.Beta1);
        square.mul_(spec.Beta2).addcmul_(gradient, gradient, 1 - spec.Beta2);
        var (correction1, correction2) = (1 - Math.Pow(spec.Beta1, Steps), 1 - Math.Pow(spec.Beta2, Steps));
        var denominator = square.sqrt().div_(Math.Sqrt(correction2)).add_(spec.Epsilon);
        values.addcdiv_(mean, denominator, -learningRate / correction1);
    }
}
