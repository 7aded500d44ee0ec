using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Losses of images and captions of which row i of one belongs to row i of the other. In nats; half-precision embeddings are
/// computed in float32.
/// </summary>
/// <remarks><c>B</c> pairs, <c>D</c> width; embeddings have rows of length 1.</remarks>
public static class ContrastiveLoss
{
    /// <summary>
    /// ½·(CE of rows + CE of columns) of scale·I·Tᵀ, whose diagonal is right; means over the batch (CLIP, arXiv 2103.00020, fig. 3; open_clip's
    /// ClipLoss). A mean over pairs: log B where all embeddings are one.
    /// </summary>
    /// <param name="image"><c>[B, D]</c>.</param>
    /// <param name="text"><c>[B, D]</c>.</param>
    /// <param name="scale">The multiplier, not its logarithm; a scalar or <c>[1]</c>.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Of(Tensor image, Tensor text, Tensor scale)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = LogProbabilities(Logits(image, text, scale));
        return (-0.5 * (rows.diagonal() + columns.diagonal()).mean()).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// −Σ log σ(±(scale·I·Tᵀ + bias)) over all pairs, + on the diagonal; divided by B (SigLIP, arXiv 2303.15343, algorithm 1; open_clip's SigLipLoss).
    /// </summary>
    /// <param name="image"><c>[B, D]</c>.</param>
    /// <param name="text"><c>[B, D]</c>.</param>
    /// <param name="scale">The multiplier, not its logarithm; a scalar or <c>[1]</c>.</param>
    /// <param name="bias">A scalar or <c>[1]</c>; SigLIP starts at −10.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Siglip(Tensor image, Tensor text, Tensor scale, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var logits = Logits(image, text, scale) + bias.Wide();
        return Sigmoid(logits, 2 * eye(logits.shape[0], dtype: logits.dtype, device: logits.device) - 1).MoveToOuterDisposeScope();
    }

    /// <summary>scale·I·Tᵀ, <c>[B, B]</c>: row i is image i against all captions; float32 at least.</summary>
    public static Tensor Logits(Tensor image, Tensor text, Tensor scale)
    {
        using var scope = NewDisposeScope();
        return (scale.Wide() * image.Wide().matmul(text.Wide().t())).MoveToOuterDisposeScope();
    }

    /// <summary>The log-softmax of each image's row, and of each caption's column as a row; both <c>[B, B]</c>.</summary>
    internal static (Tensor Rows, Tensor Columns) LogProbabilities(Tensor logits) =>
        (nn.functional.log_softmax(logits, 1), nn.functional.log_softmax(logits.t(), 1));

    /// <summary>−Σ log σ(target·logit) / B; targets in [−1, 1].</summary>
    internal static Tensor Sigmoid(Tensor logits, Tensor targets) => -nn.functional.logsigmoid(targets * logits).sum() / logits.shape[0];
}
