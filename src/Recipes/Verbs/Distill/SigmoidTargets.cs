using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>
/// (1 − λ)·SigLIP + λ·(−Σ log σ(t·z)/B): distillation of sigmoid losses, where z are the student's logits and t = 2·(mean of the teachers'
/// sigmoids) − 1 is between −1 and 1 (DistillSigLipLoss of apple/ml-mobileclip's open_clip_v2.patch).
/// </summary>
/// <remarks>Shapes as in <see cref="ContrastiveTargets"/>.</remarks>
public sealed record SigmoidTargets
{
    /// <summary>λ, the teachers' share, 0 to 1; 0 needs no teachers.</summary>
    /// <value>Default 1.</value>
    public double Lambda { get; init; } = 1;

    /// <summary>Multiplier and bias of each teacher, or one for all.</summary>
    /// <value>Default 100 and −10 for all.</value>
    public IReadOnlyList<(double Scale, double Bias)> Teachers { get; init; } = [(100, -10)];

    /// <summary>One sigmoid of the sum of the teachers' scaled products and one bias, the first, instead of the mean of their sigmoids.</summary>
    /// <value>Default false.</value>
    public bool Joint { get; init; }

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Lambda is >= 0 and <= 1))
            yield return $"lambda: expected 0 to 1, found {Lambda}";
        if (Teachers.Count == 0)
            yield return "teachers: expected one scale and bias, or one for each teacher, found none";
        foreach (var (scale, bias) in Teachers.Where(t => !(t.Scale > 0 && double.IsFinite(t.Scale) && double.IsFinite(t.Bias))))
            yield return $"teachers: expected a scale above 0 and a bias, found {scale} and {bias}";
    }

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="image">The student's, <c>[B, D]</c>.</param>
    /// <param name="text">The student's, <c>[B, D]</c>.</param>
    /// <param name="scale">The student's multiplier; a scalar or <c>[1]</c>.</param>
    /// <param name="bias">The student's; a scalar or <c>[1]</c>.</param>
    /// <param name="teacherImage"><c>[B, ΣD_k]</c>; may be null when λ = 0.</param>
    /// <param name="teacherText"><c>[B, ΣD_k]</c>; may be null when λ = 0.</param>
    /// <param name="widths">D_k.</param>
    /// <exception cref="RecipesException">Teachers are missing, or their widths and scales do not fit; all problems together.</exception>
    public Tensor Of(
        Tensor image,
        Tensor text,
        Tensor scale,
        Tensor bias,
        Tensor? teacherImage = null,
        Tensor? teacherText = null,
        IReadOnlyList<int>? widths = null
    )
    {
        if (Lambda == 0)
            return ContrastiveLoss.Siglip(image, text, scale, bias);
        using var scope = NewDisposeScope();
        var targets = 2 * Probabilities(teacherImage, teacherText, widths) - 1;
        var logits = ContrastiveLoss.Logits(image, text, scale) + bias.Wide();
        var distilled = ContrastiveLoss.Sigmoid(logits, targets.to(logits));
        if (Lambda < 1)
            distilled = Lambda * distilled + (1 - Lambda) * ContrastiveLoss.Siglip(image, text, scale, bias);
        return distilled.MoveToOuterDisposeScope();
    }

    /// <summary>How probable the teachers hold each pair together, <c>[B, B]</c>, without gradient.</summary>
    /// <param name="teacherImage"><c>[B, ΣD_k]</c>.</param>
    /// <param name="teacherText"><c>[B, ΣD_k]</c>.</param>
    /// <param name="widths">D_k.</param>
    /// <exception cref="RecipesException">Teachers are missing, or their widths and scales do not fit; all problems together.</exception>
    public Tensor Probabilities(Tensor? teacherImage, Tensor? teacherText, IReadOnlyList<int>? widths)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var products = TeacherProducts.Of(teacherImage, teacherText, widths, [.. Teachers.Select(t => t.Scale)]);
        if (Joint)
            return (products.Aggregate((a, b) => a + b) + Teachers[0].Bias).sigmoid().MoveToOuterDisposeScope();
        var each = products.Select((p, k) => (p + Teachers[Teachers.Count == 1 ? 0 : k].Bias).sigmoid());
        return stack(each).mean([0]).MoveToOuterDisposeScope();
    }
}
