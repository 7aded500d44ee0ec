using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>
/// (1 − λ)·CLIP + λ·½·(CE of rows + CE of columns) against the mean of the teachers' softmaxes: contrastive-relational distillation
/// (MobileCLIP, arXiv 2311.17049, sec. 3.1, L_distil; in the form of its released DRClipLoss). As CE is linear in its targets, that is
/// one CE against (1 − λ)·(diagonal) + λ·(teachers). Means over the batch, in nats; half precision is computed in float32.
/// </summary>
/// <remarks>
/// <c>B</c> pairs, <c>D</c> the student's width, <c>K</c> teachers of widths <c>D_1 … D_K</c>, whose embeddings stand one after the other,
/// <c>[B, ΣD_k]</c>. All embeddings have length 1 (teachers each in their part). Real and synthetic captions:
/// <see cref="Pair"/>.
/// </remarks>
public sealed partial record ContrastiveTargets
{
    /// <summary>λ, the teachers' share, 0 to 1; 0 is CLIP's loss and needs no teachers.</summary>
    /// <value>Default 1, as MobileCLIP trains S0 to S2; 0.75 for B.</value>
    public double Lambda { get; init; } = 1;

    /// <summary>The multiplier of each teacher's products, or one for all.</summary>
    /// <value>Default 100 for all; MobileCLIP2 has 70 and 60.</value>
    public IReadOnlyList<double> TeacherScales { get; init; } = [100];

    /// <summary>One softmax of the sum of the teachers' scaled products, instead of the mean of their softmaxes.</summary>
    /// <value>Default false.</value>
    public bool Joint { get; init; }

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Lambda is >= 0 and <= 1))
            yield return $"lambda: expected 0 to 1, found {Lambda}";
        if (TeacherScales.Count == 0)
            yield return "teacher scales: expected one, or one for each teacher, found none";
        foreach (var scale in TeacherScales.Where(s => !(s > 0 && double.IsFinite(s))))
            yield return $"teacher scales: expected above 0, found {scale}";
    }

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="image">The student's, <c>[B, D]</c>.</param>
    /// <param name="text">The student's, <c>[B, D]</c>.</param>
    /// <param name="scale">The student's multiplier, not its logarithm; a scalar or <c>[1]</c>.</param>
    /// <param name="teacherImage"><c>[B, ΣD_k]</c>; may be null when λ = 0.</param>
    /// <param name="teacherText"><c>[B, ΣD_k]</c>; may be null when λ = 0.</param>
    /// <param name="widths">D_k.</param>
    /// <exception cref="RecipesException">Teachers are missing, or their widths and scales do not fit; all problems together.</exception>
    public Tensor Of(
        Tensor image,
        Tensor text,
        Tensor scale,
        Tensor? teacherImage = null,
        Tensor? teacherText = null,
        IReadOnlyList<int>? widths = null
    )
    {
        if (Lambda == 0)
            return ContrastiveLoss.Of(image, text, scale);
        using var scope = NewDisposeScope();
        var (rows, columns) = ContrastiveLoss.LogProbabilities(ContrastiveLoss.Logits(image, text, scale));
        var targets = Targets(teacherImage, teacherText, widths);
        return ((Term(rows, targets.Rows) + Term(columns, targets.Columns)) / 2).MoveToOuterDisposeScope();

        Tensor Term(Tensor student, Tensor teachers)
        {
            var distilled = -(teachers.to(student) * student).sum(1).mean();
            return Lambda == 1 ? distilled : Lambda * distilled - (1 - Lambda) * student.diagonal().mean();
        }
    }

    /// <summary>
    /// The sum of the losses of two caption sets for the same images: <see cref="Of"/>(real) + <see cref="Of"/>(synthetic), a sum and not a mean
    /// (MobileCLIP, sec. 3.2). Either may be absent.
    /// </summary>
    /// <param name="image">The student's, <c>[B, D]</c>.</param>
    /// <param name="real">Of the real captions; null where a step has none.</param>
    /// <param name="synthetic">Of the synthetic captions; null where a step has none.</param>
    /// <param name="scale">The student's multiplier.</param>
    /// <param name="teacherImage"><c>[B, ΣD_k]</c>; may be null when λ = 0.</param>
    /// <param name="widths">D_k.</param>
    /// <exception cref="RecipesException">Both are absent; or as <see cref="Of"/>.</exception>
    public Tensor Pair(
        Tensor image,
        CaptionEmbeddings? real,
        CaptionEmbeddings? synthetic,
        Tensor scale,
        Tensor? teacherImage = null,
        IReadOnlyList<int>? widths = null
    )
    {
        if (real is null && synthetic is null)
            throw new RecipesException("captions: expected real or synthetic ones, found neither.");
        using var scope = NewDisposeScope();
        var losses = new[] { real, synthetic }
            .Where(c => c is not null)
            .Select(c => Of(image, c!.Text, scale, teacherImage, c.Teachers, widths));
        return losses.Aggregate((a, b) => a + b).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same loss as λ times the mean over teachers of their divergence, as the paper writes it: <see cref="Of"/> minus λ times the teachers'
    /// <see cref="Entropy"/>, so with the same gradient. At λ = 1 it is 0 where the student says what one teacher says.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    public Tensor Divergence(
        Tensor image,
        Tensor text,
        Tensor scale,
        Tensor? teacherImage = null,
        Tensor? teacherText = null,
        IReadOnlyList<int>? widths = null
    )
    {
        using var scope = NewDisposeScope();
        var loss = Of(image, text, scale, teacherImage, teacherText, widths);
        return (Lambda == 0 ? loss : loss - Lambda * Entropy(teacherImage!, teacherText!, widths!)).MoveToOuterDisposeScope();
    }

    /// <summary>Such as <c>λ 1, teacher scales 70, 60</c>.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"λ {Lambda}, teacher scale{(TeacherScales.Count == 1 ? "" : "s")} ")
        + string.Join(", ", TeacherScales.Select(s => FormattableString.Invariant($"{s}")))
        + (Joint ? ", joint" : "");
}

/// <summary>One caption for each image: what the student makes of them, and what the teachers made.</summary>
/// <param name="Text">The student's, <c>[B, D]</c>.</param>
/// <param name="Teachers"><c>[B, ΣD_k]</c>; null when there are no teachers.</param>
public sealed record CaptionEmbeddings(Tensor Text, Tensor? Teachers = null);
