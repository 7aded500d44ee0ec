using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What a network says of N objects at one step of prompting.</summary>
/// <param name="Masks">Logits <c>[N, M, H, W]</c>; M = 1 where it gives one mask.</param>
/// <param name="Ious">Predicted IoU, <c>[N, M]</c>.</param>
/// <param name="Present">Logit of whether the object is there, <c>[N, 1]</c>; null where it is not predicted.</param>
public sealed record MaskPrediction(Tensor Masks, Tensor Ious, Tensor? Present = null);

/// <summary>The loss of masks by its parts: each summed over steps and objects, divided by N, not yet weighted. Scalars.</summary>
/// <param name="Focal">Of each object's best mask.</param>
/// <param name="Dice">Of each object's best mask.</param>
/// <param name="Iou">Of the predicted IoU.</param>
/// <param name="Present">Of whether the object is there; 0 where it is not predicted.</param>
/// <param name="Total">Their weighted sum.</param>
public sealed record MaskTerms(Tensor Focal, Tensor Dice, Tensor Iou, Tensor Present, Tensor Total);

/// <summary>
/// SAM's training loss: 20·focal + dice + (IoU error)² of the best of several masks of each object, summed over the steps of prompting (Segment
/// Anything, arXiv 2304.02643, app. A; MultiStepMultiMasksAndIous of facebookresearch/sam2). Only the mask with the least weighted focal + dice gets
/// gradients; where presence is predicted, masks of objects that are not there (empty targets) count nothing.
/// </summary>
public sealed record MaskObjective
{
    /// <summary>Weight of the focal loss.</summary>
    /// <value>Default 20.</value>
    public double Focal { get; init; } = 20;

    /// <summary>Weight of the dice loss.</summary>
    /// <value>Default 1.</value>
    public double Dice { get; init; } = 1;

    /// <summary>Weight of the error of predicted IoU.</summary>
    /// <value>Default 1.</value>
    public double Iou { get; init; } = 1;

    /// <summary>Weight of whether the object is there.</summary>
    /// <value>Default 0.</value>
    public double Present { get; init; }

    /// <summary>α and γ of the masks' focal loss.</summary>
    /// <value>Default 0.25 and 2.</value>
    public (double Alpha, double Gamma) MaskFocal { get; init; } = (0.25, 2);

    /// <summary>α and γ of the presence's focal loss.</summary>
    /// <value>Default −1 and 0, the cross-entropy.</value>
    public (double Alpha, double Gamma) PresentFocal { get; init; } = (-1, 0);

    /// <summary>The IoU of all masks is learned (their mean), instead of the best mask's.</summary>
    /// <value>Default false.</value>
    public bool AllIous { get; init; }

    /// <summary>The absolute error of IoU instead of its square.</summary>
    /// <value>Default false.</value>
    public bool AbsoluteIou { get; init; }

    /// <summary>The loss of one step.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{MaskPrediction}, Tensor)"/>
    public MaskTerms Of(MaskPrediction step, Tensor targets) => Of([step], targets);

    /// <summary>The loss of N objects.</summary>
    /// <param name="steps">What the network says after each prompt; at least one.</param>
    /// <param name="targets"><c>[N, H, W]</c> in 0 to 1; empty for an object that is not there.</param>
    /// <exception cref="RecipesException">There is no step.</exception>
    public MaskTerms Of(IReadOnlyList<MaskPrediction> steps, Tensor targets)
    {
        if (steps.Count == 0)
            throw new RecipesException("mask loss: expected at least one step of prompting, found none.");
        using var scope = NewDisposeScope();
        var terms = steps.Select(step => Step(step, targets)).Aggregate((a, b) => a.Zip(b, (x, y) => x + y).ToArray());
        var total = Focal * terms[0] + Dice * terms[1] + Iou * terms[2] + Present * terms[3];
        foreach (var term in terms)
            term.MoveToOuterDisposeScope();
        return new MaskTerms(terms[0], terms[1], terms[2], terms[3], total.MoveToOuterDisposeScope());
    }

    // Focal, dice, IoU, presence.
    private Tensor[] Step(MaskPrediction step, Tensor targets)
    {
        var focal = MaskLoss.Focal(step.Masks, targets, MaskFocal.Alpha, MaskFocal.Gamma); // [N, M]
        var dice = MaskLoss.Dice(step.Masks, targets);
        var iou = MaskLoss.Iou(step.Masks, targets, step.Ious, AbsoluteIou);
        var best = (Focal * focal + Dice * dice).detach().argmin(1, keepdim: true);
        var count = targets.shape[0];
        var there = targets.flatten(1).gt(0).any(1, true).to(focal.dtype); // [N, 1]
        var weight = step.Present is null ? 1 : there;
        return
        [
            Sum(focal.gather(1, best)),
            Sum(dice.gather(1, best)),
            Sum(AllIous ? iou.mean([1], keepdim: true) : iou.gather(1, best)),
            step.Present is { } present
                ? MaskLoss.FocalOf(present.Wide(), there, PresentFocal.Alpha, PresentFocal.Gamma).sum() / count
                : zeros(1, dtype: focal.dtype, device: focal.device).sum(),
        ];

        Tensor Sum(Tensor each) => (each * weight).sum() / count;
    }
}
