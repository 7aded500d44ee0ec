using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>CLIP's loss of images and their captions; with several kinds of captions for each image the sum of their losses.</summary>
public sealed class Contrastive : PairObjective
{
    /// <inheritdoc/>
    public override string Name => Part is { } part ? $"contrastive, parts of {part}" : "contrastive";

    /// <inheritdoc/>
    protected override Tensor Of(PairOutputs outputs, IReadOnlyDictionary<string, Tensor> more) =>
        outputs.Texts.Select(text => ContrastiveLoss.Of(outputs.Image, text, outputs.Scale)).Aggregate((a, b) => a + b);
}
