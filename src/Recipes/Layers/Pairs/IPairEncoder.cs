using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>A module that puts images and captions into one space, where what belongs together is near.</summary>
public interface IPairEncoder
{
    /// <summary>Embeddings of length 1: images <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    Tensor EncodeImage(Tensor images);

    /// <summary>Embeddings of length 1: token ids <c>[N, T]</c>, int64, to <c>[N, D]</c>.</summary>
    Tensor EncodeText(Tensor tokens);

    /// <summary>The factor of the products of embeddings, before the softmax; a scalar.</summary>
    Tensor Scale();
}

/// <summary>What follows from an encoder of pairs.</summary>
public static class PairEncoderExtensions
{
    /// <summary>
    /// An embedding for each class from several captions of it: the normalised mean of their embeddings, as CLIP (arXiv 2103.00020, sec. 3.1.4)
    /// averages its prompts. In the present mode of the encoder; wrap it in evaluation mode.
    /// </summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="tokens">Captions <c>[N·K, T]</c>: those of a class stand together.</param>
    /// <param name="captions">K.</param>
    /// <param name="batch">Captions encoded at once.</param>
    /// <returns><c>[N, D]</c>, length 1, in the caller's scope.</returns>
    public static Tensor ClassEmbeddings(this IPairEncoder encoder, Tensor tokens, int captions, int batch = 256)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = tokens.split(batch, 0).Select(encoder.EncodeText).ToList();
        return ClassVectors(cat(parts, 0), captions).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of each class's normalised embeddings, normalised again, as OpenAI does.</summary>
    /// <param name="prompts">Embeddings of the captions of each class, class by class, <c>[N·K, D]</c>, length 1.</param>
    /// <param name="captions">K.</param>
    /// <returns><c>[N, D]</c>, length 1.</returns>
    public static Tensor ClassVectors(Tensor prompts, int captions)
    {
        using var scope = NewDisposeScope();
        var each = prompts.view(-1, captions, prompts.shape[^1]); // [N, K, D]
        return nn.functional.normalize(each.mean([1]), dim: -1).MoveToOuterDisposeScope();
    }
}
