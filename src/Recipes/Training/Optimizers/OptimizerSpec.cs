using System.Text.Json.Serialization;

namespace Recipes.Training;

/// <summary>
/// An optimizer as a value: its kind and its base numbers. <see cref="TrainPlan.LearningRate"/> and
/// <see cref="TrainPlan.WeightDecay"/> are factors on the base learning rate and weight decay.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SgdSpec), "sgd")]
[JsonDerivedType(typeof(AdamSpec), "adam")]
[JsonDerivedType(typeof(AdamWSpec), "adamw")]
public abstract record OptimizerSpec
{
    /// <summary>Base learning rate, above 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Base weight decay, at least 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Whether parameters of one dimension (scales and shifts of norms, biases) decay too. Off by default: reproductions of
    /// MobileOne decay no norm.
    /// </summary>
    public bool DecayVectors { get; init; }

    /// <summary>
    /// Further parameters that do not decay: a whole name, or a run of its dotted parts such as <c>pos_embed</c> or
    /// <c>head.fc</c>. A name that fits no parameter is an error.
    /// </summary>
    public IReadOnlyList<string> NoDecay { get; init; } = [];

    /// <summary>
    /// Factors on the learning rate of parts of the network, such as one that falls from layer to layer; null trains all alike. Where several
    /// name a parameter the longest name counts; a name that fits no parameter is an error.
    /// </summary>
    public IReadOnlyList<PartRate>? Rates { get; init; }

    /// <summary>The same optimizer with a factor on the learning rate of a part of the network, added to those that there are.</summary>
    /// <param name="part">A parameter's whole name, or a run of its dotted parts such as <c>text_encoder</c>.</param>
    /// <param name="factor">At least 0.</param>
    public OptimizerSpec WithRate(string part, double factor) => this with { Rates = [.. Rates ?? [], new PartRate(part, factor)] };

    internal virtual IEnumerable<string> Problems()
    {
        foreach (var rate in Rates?.Where(r => !(r.Factor >= 0 && double.IsFinite(r.Factor))) ?? [])
            yield return $"optimizer.rates: expected factors of at least 0, found {rate.Factor} for {rate.Part}";
        if (!(LearningRate > 0 && double.IsFinite(LearningRate)))
            yield return $"optimizer.learningRate: expected above 0, found {LearningRate}";
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay)))
            yield return $"optimizer.weightDecay: expected at least 0, found {WeightDecay}";
    }
}

/// <summary>A factor on the learning rate of a part of a network.</summary>
/// <param name="Part">A parameter's whole name, or a run of its dotted parts such as <c>backbone.blocks.0</c>.</param>
/// <param name="Factor">At least 0.</param>
public sealed record PartRate(string Part, double Factor);

/// <summary>Stochastic gradient descent with momentum; the weight decay is the plain L2 term.</summary>
public sealed record SgdSpec : OptimizerSpec
{
    /// <summary>Momentum in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether the step looks ahead along the momentum.</summary>
    public bool Nesterov { get; init; }

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (!(Momentum is >= 0 and < 1))
            yield return $"optimizer.momentum: expected 0 to below 1, found {Momentum}";
        if (Nesterov && Momentum == 0)
            yield return "optimizer.nesterov: needs a momentum above 0";
    }
}

/// <summary>Adam; the weight decay is the plain L2 term.</summary>
public record AdamSpec : OptimizerSpec
{
    /// <summary>Decay of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean of squares, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (!(Beta1 is >= 0 and < 1))
            yield return $"optimizer.beta1: expected 0 to below 1, found {Beta1}";
        if (!(Beta2 is >= 0 and < 1))
            yield return $"optimizer.beta2: expected 0 to below 1, found {Beta2}";
        if (!(Epsilon > 0))
            yield return $"optimizer.epsilon: expected above 0, found {Epsilon}";
    }
}

/// <summary>Adam with decoupled weight decay: weights shrink by lr·wd, apart from the gradient.</summary>
public sealed record AdamWSpec : AdamSpec;
