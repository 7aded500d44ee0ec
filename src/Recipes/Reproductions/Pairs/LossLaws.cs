using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Laws of contrastive-relational distillation, measured on random embeddings in float64: largest differences, 0 where a law holds exactly.</summary>
/// <param name="Gradients">Of the student's gradients between the cross-entropy of the released code and the divergence of the paper.</param>
/// <param name="Entropy">Between the two losses' difference and the teachers' entropy.</param>
/// <param name="Zero">Between λ = 0 and CLIP's loss.</param>
/// <param name="Ensemble">Between three equal teachers and one.</param>
/// <param name="Permutation">Between a batch and the same pairs in another order.</param>
public sealed record LossLaws(double Gradients, double Entropy, double Zero, double Ensemble, double Permutation)
{
    /// <summary>Measures.</summary>
    /// <param name="pairs">B.</param>
    /// <param name="width">D of student and teachers.</param>
    /// <param name="seed">Of the embeddings.</param>
    public static LossLaws Measure(int pairs = 64, int width = 32, long seed = 0)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var (image, text) = (Unit().requires_grad_(), Unit().requires_grad_());
        var (teacherImage, teacherText) = (Unit(), Unit());
        var scale = tensor(20.0);
        var by = new ContrastiveTargets { Lambda = 0.7, TeacherScales = [30] };
        IReadOnlyList<int> one = [width];
        var released = by.Of(image, text, scale, teacherImage, teacherText, one);
        var paper = by.Divergence(image, text, scale, teacherImage, teacherText, one);
        var entropy = by.Lambda * by.Entropy(teacherImage, teacherText, one);
        var three = by.Of(image, text, scale, Thrice(teacherImage), Thrice(teacherText), [width, width, width]);
        var order = randperm(pairs, generator: generator);
        var shuffled = by.Of(At(image), At(text), scale, At(teacherImage), At(teacherText), one);
        return new LossLaws(
            Math.Max(Apart(Gradient(released, image), Gradient(paper, image)), Apart(Gradient(released, text), Gradient(paper, text))),
            Apart(released - paper, entropy),
            Apart((by with { Lambda = 0 }).Of(image, text, scale), ContrastiveLoss.Of(image, text, scale)),
            Apart(three, released),
            Apart(shuffled, released)
        );

        Tensor Unit() => nn.functional.normalize(randn(pairs, width, dtype: ScalarType.Float64, generator: generator), dim: -1).detach();

        Tensor At(Tensor rows) => rows.index_select(0, order);

        static Tensor Thrice(Tensor rows) => cat([rows, rows, rows], 1);

        static Tensor Gradient(Tensor loss, Tensor of) => autograd.grad([loss], [of], retain_graph: true)[0];

        static double Apart(Tensor a, Tensor b) => (a - b).abs().max().item<double>();
    }

    /// <summary>One claim for each law.</summary>
    public static IReadOnlyList<ClaimDefinition> Claims(Measurement<LossLaws> laws)
    {
        return
        [
            Law("forms", "The released cross-entropy and the paper's divergence have the same gradients.", l => l.Gradients),
            Law("entropy", "They differ by the teachers' entropy.", l => l.Entropy),
            Law("zero", "Lambda 0 is CLIP's loss.", l => l.Zero),
            Law("ensemble", "Equal teachers together are one.", l => l.Ensemble),
            Law("permutation", "The order of a batch does not matter.", l => l.Permutation),
        ];

        ClaimDefinition Law(string id, string statement, Func<LossLaws, double> measure) =>
            ClaimDefinition.Of(
                $"loss/{id}",
                ClaimKind.Exact,
                statement,
                new PaperValue("sec. 3.2", ""),
                "",
                run => new Measured(measure(run.Get(laws)), "64 pairs, float64"),
                Bound.AtMost(1e-10)
            );
    }
}
