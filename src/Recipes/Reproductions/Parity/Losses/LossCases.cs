using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>What this library computes for each case of a golden of losses.</summary>
internal static class LossCases
{
    /// <summary>Outputs by name, <c>total</c> among them; null for an unknown case.</summary>
    public static IEnumerable<(string Name, Tensor Value)>? Of(LossCase c) =>
        c.Name.Split('.', '-')[0] switch
        {
            "clip" => [("logits_per_image", ContrastiveLoss.Logits(Image(c), Text(c), Scale(c))), ("total", Clip(c))],
            "siglip" => [("total", Siglip(c))],
            "distill" when c.Has("logit_bias") => Sigmoid(c),
            "distill" => Distill(c),
            "reinforced" => Reinforced(c),
            "mask" => MaskCases.Of(c),
            "label" => Smoothing(c),
            "soft" => [("total", Classification.CrossEntropy(c["logits"], Soft(c)))],
            "distillation" => [("total", Classes(c))],
            _ => null,
        };

    private static Tensor Image(LossCase c) => c["image_features"];

    private static Tensor Text(LossCase c) => c["text_features"];

    private static Tensor Scale(LossCase c) => c["logit_scale"];

    private static Tensor Clip(LossCase c) => ContrastiveLoss.Of(Image(c), Text(c), Scale(c));

    private static Tensor Siglip(LossCase c) => ContrastiveLoss.Siglip(Image(c), Text(c), Scale(c), c["logit_bias"]);

    // open_clip adds both parts with weight 1.
    private static (string, Tensor)[] Distill(LossCase c)
    {
        var targets = new ContrastiveTargets { TeacherScales = c.Numbers("dist_logit_scale") };
        var (teacherImage, teacherText) = (c["dist_image_features"], c["dist_text_features"]);
        var distilled = targets.Of(Image(c), Text(c), Scale(c), teacherImage, teacherText, [(int)teacherImage.shape[1]]);
        return [("contrastive_loss", Clip(c)), ("distill_loss", distilled), ("total", Clip(c) + distilled)];
    }

    private static (string, Tensor)[] Reinforced(LossCase c)
    {
        var targets = new ContrastiveTargets
        {
            Lambda = c.Numbers("distill_loss_weights")[1],
            TeacherScales = c.Numbers("dist_logit_scale"),
            Joint = !c.Flag("average_after_softmax"),
        };
        var real = new CaptionEmbeddings(Text(c), c["dist_text_features"]);
        var synthetic = c.Has("syn_text_features") ? new CaptionEmbeddings(c["syn_text_features"], c["dist_syn_text_features"]) : null;
        Tensor Part(double lambda) =>
            (targets with { Lambda = lambda }).Pair(Image(c), real, synthetic, Scale(c), c["dist_image_features"], Widths(c));
        return
        [
            ("contrastive_loss", (1 - targets.Lambda) * Part(0)),
            ("distill_loss", targets.Lambda * Part(1)),
            ("total", Part(targets.Lambda)),
        ];
    }

    private static (string, Tensor)[] Sigmoid(LossCase c)
    {
        var targets = new SigmoidTargets
        {
            Lambda = c.Numbers("distill_loss_weights")[1],
            Teachers = [.. c.Numbers("dist_logit_scale").Zip(c.Numbers("dist_logit_bias"))],
            Joint = !c.Flag("average_after_sigmoid"),
        };
        Tensor Part(double lambda) =>
            (targets with { Lambda = lambda }).Of(
                Image(c),
                Text(c),
                Scale(c),
                c["logit_bias"],
                c["dist_image_features"],
                c["dist_text_features"],
                Widths(c)
            );
        return
        [
            ("contrastive_loss", (1 - targets.Lambda) * Part(0)),
            ("distill_loss", targets.Lambda * Part(1)),
            ("total", Part(targets.Lambda)),
        ];
    }

    private static int[] Widths(LossCase c) => [.. c.Numbers("teacher_dimension").Select(w => (int)w)];

    private static (string, Tensor)[] Smoothing(LossCase c)
    {
        var smooth = LabelSmoothing.Smooth(c["target"], (int)c["logits"].shape[1], c.Number("smoothing"));
        var loss = Classification.CrossEntropy(c["logits"], smooth);
        return [("fct", loss), ("timm", loss), ("torch", loss), ("total", loss)];
    }

    private static Tensor Soft(LossCase c)
    {
        var classes = (int)c["logits"].shape[1];
        Tensor OneHot(string labels) => nn.functional.one_hot(c.Input(labels), classes).to(ScalarType.Float32);
        return LabelSmoothing.Smooth(0.7 * OneHot("labels") + 0.3 * OneHot("labels2"), classes, 0.1);
    }

    // ml-fastvit divides the divergence by rows and classes, where ours divides by rows.
    private static Tensor Classes(LossCase c)
    {
        var (logits, teacher, tau, alpha) = (c["outputs"], c["teacher"].detach(), c.Number("tau"), c.Number("alpha"));
        var taught =
            c.Name == "distillation-hard"
                ? Classification.CrossEntropy(logits, teacher.argmax(1))
                : tau * tau / logits.shape[1] * SoftTargets.Divergence(logits, SoftTargets.Average(teacher.unsqueeze(0), tau), tau);
        return (1 - alpha) * Classification.CrossEntropy(logits, c["labels"]) + alpha * taught;
    }
}
