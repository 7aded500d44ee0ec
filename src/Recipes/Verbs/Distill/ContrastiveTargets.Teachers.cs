using Recipes.Training;
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
        RecipesException.ThrowIfAny("the teachers' embeddings do not fit:", [.. Misfits(image, text, widths)]);
        var sizes = widths!.Select(w => (long)w).ToArray();
        var products = image!
            .Wide()
            .split(sizes, 1)
            .Zip(text!.Wide().split(sizes, 1))
            .Select((pair, k) => TeacherScales[TeacherScales.Count == 1 ? 0 : k] * pair.First.matmul(pair.Second.t()))
            .ToList();
        return Joint ? [products.Aggregate((a, b) => a + b)] : products;
    }

    private IEnumerable<string> Misfits(Tensor? image, Tensor? text, IReadOnlyList<int>? widths)
    {
        if (widths is not { Count: > 0 })
            yield return $"widths: expected one for each teacher, found none; λ is {Lambda}, and only λ = 0 needs no teachers";
        else if (TeacherScales.Count != 1 && TeacherScales.Count != widths.Count)
            yield return $"teacher scales: expected 1 or {widths.Count}, found {TeacherScales.Count}";
        foreach (var (name, found) in new[] { ("teacherImage", image), ("teacherText", text) })
        {
            if (found is null)
                yield return $"{name}: expected [B, {widths?.Sum()}], found none";
            else if (widths is { Count: > 0 } && (found.dim() != 2 || found.shape[1] != widths.Sum()))
                yield return $"{name}: expected [B, {string.Join(" + ", widths)}], found [{string.Join(", ", found.shape)}]";
        }
    }
}
