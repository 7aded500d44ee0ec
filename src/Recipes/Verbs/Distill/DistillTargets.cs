namespace Recipes.Verbs;

/// <summary>Losses of one distillation, added up: labels and teachers' softmaxes, and features.</summary>
/// <param name="Soft">Labels and softmaxes; with λ = 0 only labels.</param>
/// <param name="Features">Features; each has its weight.</param>
public sealed record DistillTargets(SoftTargets Soft, IReadOnlyList<FeatureTargets> Features)
{
    /// <summary>One loss more.</summary>
    public static DistillTargets operator +(DistillTargets targets, FeatureTargets feature) => targets.Add(feature);

    /// <summary>One loss more.</summary>
    public DistillTargets Add(FeatureTargets feature) => this with { Features = [.. Features, feature] };

    /// <summary>Such as <c>λ 0.75, T 4 + stage3 → stage4, cosine</c>.</summary>
    public override string ToString() => string.Join(" + ", Features.Select(f => f.ToString()).Prepend(Soft.ToString()));
}
