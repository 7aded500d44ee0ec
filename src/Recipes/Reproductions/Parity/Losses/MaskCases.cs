using Recipes.Training;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>SAM 2's mask losses in a golden of losses.</summary>
internal static class MaskCases
{
    public static IEnumerable<(string Name, Tensor Value)>? Of(LossCase c) =>
        c.Name switch
        {
            "mask.all" => All(c),
            "mask.single" => Single(c),
            "mask.two-steps" => Best(c, Step(c, ""), Step(c, "2")),
            _ when c.Name.StartsWith("mask.best-mask", StringComparison.Ordinal) => Best(c, Step(c, "")),
            _ => null,
        };

    private static (string, Tensor)[] All(LossCase c)
    {
        var (masks, target, count) = (c["masks"], c.Input("target"), c.Number("num_objects"));
        var focal = MaskLoss.Focal(masks, target, c.Number("alpha"), c.Number("gamma")) / count;
        var dice = MaskLoss.Dice(masks, target) / count;
        var iou = MaskLoss.Iou(masks, target, c["ious"]) / count;
        return [("focal", focal), ("dice", dice), ("iou", iou), ("total", (20 * focal + dice + iou).sum())];
    }

    private static (string, Tensor)[] Single(LossCase c)
    {
        var (masks, target, count) = (c["masks2"], c.Input("target"), c.Number("num_objects"));
        var focal = MaskLoss.Focal(masks, target).sum() / count;
        var dice = MaskLoss.Dice(masks, target).sum() / count;
        var entropy = MaskLoss.Focal(masks, target, alpha: -1, gamma: 0).sum() / count;
        return [("focal", focal), ("dice", dice), ("cross_entropy", entropy), ("total", 20 * focal + dice)];
    }

    private static MaskPrediction Step(LossCase c, string suffix) =>
        new(c[$"masks{suffix}"], c[$"ious{suffix}"], c.Flag("pred_obj_scores") ? c[$"object{suffix}"] : null);

    private static (string, Tensor)[] Best(LossCase c, params MaskPrediction[] steps)
    {
        var objective = new MaskObjective
        {
            Focal = c.Weight("weight_dict", "loss_mask"),
            Dice = c.Weight("weight_dict", "loss_dice"),
            Iou = c.Weight("weight_dict", "loss_iou"),
            Present = c.Weight("weight_dict", "loss_class"),
            AllIous = c.Flag("supervise_all_iou"),
            AbsoluteIou = c.Flag("iou_use_l1_loss"),
            PresentFocal = (c.Number("focal_alpha_obj_score", -1), c.Number("focal_gamma_obj_score", 0)),
        };
        var terms = objective.Of(steps, c.Input("target"));
        return
        [
            ("loss_mask", terms.Focal),
            ("loss_dice", terms.Dice),
            ("loss_iou", terms.Iou),
            ("loss_class", terms.Present),
            ("total", terms.Total),
        ];
    }
}
