using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>A network that learns by predicting what is hidden from it.</summary>
public interface IMaskedModel
{
    /// <summary>The loss of guessing the hidden part of a batch, a scalar with a gradient, in the caller's scope.</summary>
    /// <param name="images">Images <c>[B, 3, H, W]</c>.</param>
    /// <param name="random">Decides what is hidden.</param>
    Tensor Loss(Tensor images, Rng random);
}
