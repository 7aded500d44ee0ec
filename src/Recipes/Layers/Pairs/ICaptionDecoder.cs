using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>What a captioner makes of images and a caption of each.</summary>
/// <param name="Image">Embeddings <c>[B, D]</c>, length 1.</param>
/// <param name="Text">Embeddings <c>[B, D]</c>, length 1.</param>
/// <param name="Logits"><c>[B, T, V]</c>: at place t those of token t + 1, from the image and tokens 0 to t.</param>
public sealed record CaptionOutputs(Tensor Image, Tensor Text, Tensor Logits);

/// <summary>An encoder of images and captions that also writes captions, token by token (CoCa, arXiv 2205.01917).</summary>
public interface ICaptionDecoder : IPairEncoder
{
    /// <summary>Embeddings and logits in one pass, all causal in the caption.</summary>
    /// <param name="images"><c>[B, 3, H, W]</c>.</param>
    /// <param name="tokens"><c>[B, T]</c> int64: start, words, end, padding; the end has the largest id.</param>
    CaptionOutputs Describe(Tensor images, Tensor tokens);
}
