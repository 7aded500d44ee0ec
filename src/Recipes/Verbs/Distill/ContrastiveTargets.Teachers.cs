using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

public sealed partial record ContrastiveTargets
{
    /// <summary>
    /// What the teachers say together: for each image the probabilities of the captions, and for each caption those of the images; both
    /// <c>[B, B]</c>, rows sum to 1, float32 at least, without gradient.
    /// </summary>
    /// <param name="teacherImage"><c>[B, ΣD_k]</c>.</param>
    /// <param name="teacherText"><c>[B, ΣD_k]</c>.</param>
    /// <param name="widths">D_k.</param>
    /// <exception cref="RecipesException">Teachers are missing, or their widths and scales do not fit; all problems together.</exception>
    public (Tensor Rows, Tensor Columns) Targets(Tensor? teacherImage, Tensor? teacherText, IReadOnlyList<int>? widths)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = Logits(teacherImage, teacherText, widths);
        return (Mean(logits).MoveToOuterDisposeScope(), Mean(logits.Select(l => l.t())).MoveToOuterDisposeScope());

        static Tensor Mean(IEnumerable<Tensor> logits) => stack(logits.Select(l => nn.functional.softmax(l, 1))).mean([0]);
    }

    /// <summary>
    /// Mean over the teachers of ½·(entropy of rows + entropy of columns), mean over the batch, in nats: what the divergence of the paper
    /// leaves out. A scalar without gradient.
    /// </summary>
    /// <inheritdoc cref="Targets"/>
    public Tensor Entropy(Tensor teacherImage, Tensor teacherText, IReadOnlyList<int> widths)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var logits = Logits(teacherImage, teacherText, widths);
        return stack(logits.SelectMany(l => new[] { l, l.t() }).Select(l => SoftTargets.Entropy(nn.functional.softmax(l, 1))))
            .mean()
            .MoveToOuterDisposeScope();
    }

    // Each teacher's scaled products [B, B]; jointly their one sum.
    private List<Tensor> Logits(Tensor? image, Tensor? text, IReadOnlyList<int>? widths)
    {
        var products = TeacherProducts.Of(image, text, widths, TeacherScales);
        return Joint ? [products.Aggregate((a, b) => a + b)] : products;
    }
}
