using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>
/// (1 − λ)·CE(labels, student) + λ·T²·KL(t ‖ softmax(z/T)), where z are the student's logits and t is the average of the teachers'
/// softmaxes at the same temperature T (so MobileCLIP's released loss averages; T² keeps gradients of one size for every T).
/// All parts are means over the batch, sums over classes, in nats.
/// </summary>
/// <remarks><c>K</c> teachers, <c>B</c> batch, <c>C</c> classes.</remarks>
public sealed record SoftTargets
{
    /// <summary>T, above 0; higher is softer.</summary>
    /// <value>Default 4.</value>
    public double Temperature { get; init; } = 4;

    /// <summary>λ, the teachers' share of the loss, 0 to 1; 0 is plain training and asks no teacher.</summary>
    /// <value>Default 0.75.</value>
    public double Lambda { get; init; } = 0.75;

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Temperature > 0 && double.IsFinite(Temperature)))
            yield return $"temperature: expected above 0, found {Temperature}";
        if (!(Lambda is >= 0 and <= 1))
            yield return $"lambda: expected 0 to 1, found {Lambda}";
    }

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="logits">The student's, <c>[B, C]</c>.</param>
    /// <param name="labels"><c>[B]</c> int64, or soft <c>[B, C]</c>.</param>
    /// <param name="teachers">Log-probabilities <c>[K, B, C]</c>, or logits.</param>
    public Tensor Of(Tensor logits, Tensor labels, Tensor teachers)
    {
        if (Lambda == 0)
            return Classification.CrossEntropy(logits, labels);
        var soft = Temperature * Temperature * Divergence(logits, Average(teachers, Temperature), Temperature);
        return Lambda == 1 ? soft : (1 - Lambda) * Classification.CrossEntropy(logits, labels) + Lambda * soft;
    }

    /// <summary>Mean over teachers of softmax(z/T), <c>[B, C]</c>.</summary>
    /// <param name="teachers">Log-probabilities or logits, <c>[K, B, C]</c>.</param>
    /// <param name="temperature">T.</param>
    public static Tensor Average(Tensor teachers, double temperature)
    {
        using var scope = NewDisposeScope();
        return nn.functional.softmax(teachers / temperature, -1).mean([0]).MoveToOuterDisposeScope();
    }

    /// <summary>KL(target ‖ softmax(logits/T)), without the factor T²: sum over classes, mean over the batch.</summary>
    /// <param name="logits">The student's, <c>[B, C]</c>.</param>
    /// <param name="targets">Probabilities, <c>[B, C]</c>.</param>
    /// <param name="temperature">T.</param>
    public static Tensor Divergence(Tensor logits, Tensor targets, double temperature) =>
        CrossEntropy(logits, targets, temperature) - Entropy(targets);

    /// <summary>
    /// −Σ target·log softmax(logits/T), mean over the batch: <see cref="Divergence"/> plus the targets' entropy, so with the same
    /// gradient. The form of MobileCLIP's released loss.
    /// </summary>
    /// <param name="logits">The student's, <c>[B, C]</c>.</param>
    /// <param name="targets">Probabilities, <c>[B, C]</c>.</param>
    /// <param name="temperature">T.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets, double temperature)
    {
        if (logits.dtype is ScalarType.BFloat16 or ScalarType.Float16)
            logits = logits.to(ScalarType.Float32);
        return Classification.CrossEntropy(logits / temperature, targets.to(logits.device));
    }

    /// <summary>−Σ p·log p, mean over the batch; 0·log 0 is 0.</summary>
    /// <param name="probabilities"><c>[B, C]</c>.</param>
    public static Tensor Entropy(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        return (-probabilities.xlogy(probabilities).sum(1).mean()).MoveToOuterDisposeScope();
    }

    /// <summary>This loss and one of features.</summary>
    public static DistillTargets operator +(SoftTargets soft, FeatureTargets feature) => soft.Add(feature);

    /// <summary>This loss and one of features.</summary>
    public DistillTargets Add(FeatureTargets feature) => new(this, [feature]);

    /// <summary>Such as <c>λ 0.75, T 4</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"λ {Lambda}, T {Temperature}");
}
