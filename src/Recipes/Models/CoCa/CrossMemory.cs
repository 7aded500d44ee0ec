using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>What a layer's cross-attention sees of images: computed once for all tokens of all captions of an image.</summary>
/// <param name="Keys"><c>[B, heads, N, d]</c>.</param>
/// <param name="Values">The same shape.</param>
internal sealed record CrossMemory(Tensor Keys, Tensor Values);
