using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Losses of single masks (facebookresearch/sam2, training/loss_fns.py; segment-anything names them and publishes none). One number for each mask;
/// the training loss sums them and divides by N, see <see cref="MaskObjective"/>.
/// </summary>
/// <remarks><c>N</c> objects, <c>M</c> masks of each; masks are logits <c>[N, M, H, W]</c>, targets <c>[N, H, W]</c> in 0 to 1.</remarks>
public static class MaskLoss
{
    /// <summary>
    /// Mean over pixels of α_t·|p − q|^γ·BCE(p, q), p = σ(logit), α_t = αq + (1 − α)(1 − q): the focal loss (arXiv 1708.02002), for soft
    /// targets q too (SAM-CLIP, arXiv 2310.15308).
    /// </summary>
    /// <param name="masks"><c>[N, M, H, W]</c>.</param>
    /// <param name="targets"><c>[N, H, W]</c>.</param>
    /// <param name="alpha">Weight of the foreground; negative for none.</param>
    /// <param name="gamma">0 is the cross-entropy.</param>
    /// <returns><c>[N, M]</c>.</returns>
    public static Tensor Focal(Tensor masks, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        var (z, q) = Flat(masks, targets);
        return FocalOf(z, q, alpha, gamma).mean([-1]).MoveToOuterDisposeScope();
    }

    /// <summary>1 − (2Σpq + 1)/(Σp + Σq + 1) over the pixels (Dice, V-Net, arXiv 1606.04797, with DETR's + 1).</summary>
    /// <inheritdoc cref="Focal"/>
    public static Tensor Dice(Tensor masks, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var (z, q) = Flat(masks, targets);
        var p = z.sigmoid();
        return (1 - (2 * (p * q).sum(-1) + 1) / (p.sum(-1) + q.sum(-1) + 1)).MoveToOuterDisposeScope();
    }

    /// <summary>(predicted − true IoU)², or the absolute difference; the true one is of the masks above 0, without gradient.</summary>
    /// <param name="masks"><c>[N, M, H, W]</c>.</param>
    /// <param name="targets"><c>[N, H, W]</c>.</param>
    /// <param name="ious">Predicted, <c>[N, M]</c>.</param>
    /// <param name="absolute">The absolute difference.</param>
    /// <returns><c>[N, M]</c>.</returns>
    public static Tensor Iou(Tensor masks, Tensor targets, Tensor ious, bool absolute = false)
    {
        using var scope = NewDisposeScope();
        var difference = ious.Wide() - Overlap(masks, targets);
        return (absolute ? difference.abs() : difference.square()).MoveToOuterDisposeScope();
    }

    /// <summary>Intersection over union of the masks above 0 with the targets above 0; 0 where both are empty. No gradient.</summary>
    /// <returns><c>[N, M]</c>.</returns>
    public static Tensor Overlap(Tensor masks, Tensor targets)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (z, q) = Flat(masks, targets);
        var (found, wanted) = (z > 0, q > 0);
        var union = found.logical_or(wanted).sum(-1).to(z.dtype).clamp_min(1);
        return ((found & wanted).sum(-1) / union).MoveToOuterDisposeScope();
    }

    /// <summary>Element by element: α_t·|σ(z) − q|^γ·BCE(σ(z), q).</summary>
    internal static Tensor FocalOf(Tensor z, Tensor q, double alpha, double gamma)
    {
        var loss = nn.functional.binary_cross_entropy_with_logits(z, q, reduction: nn.Reduction.None);
        if (gamma > 0)
            loss = loss * (z.sigmoid() - q).abs().pow(gamma);
        return alpha < 0 ? loss : (alpha * q + (1 - alpha) * (1 - q)) * loss;
    }

    // Pixels last, targets for every mask: [N, M, HW] both.
    private static (Tensor Masks, Tensor Targets) Flat(Tensor masks, Tensor targets)
    {
        var z = masks.Wide().flatten(2);
        return (z, targets.to(z).flatten(1).unsqueeze(1).expand_as(z));
    }
}
