using Recipes.Data;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>A network that puts images and captions into one space, where what belongs together is near.</summary>
public interface IImageText
{
    /// <summary>What its images go through before it sees them; R pixels a side.</summary>
    ImagePreprocessing Preprocessing { get; }

    /// <summary>Normalised image embeddings: <c>[B, 3, R, R]</c> to <c>[B, D]</c>.</summary>
    Tensor EncodeImage(Tensor images);

    /// <summary>Normalised text embeddings: token ids <c>[N, 77]</c>, int64, to <c>[N, D]</c>.</summary>
    Tensor EncodeText(Tensor tokens);

    /// <summary>The factor of the products of embeddings, before the softmax.</summary>
    Tensor Scale();
}
