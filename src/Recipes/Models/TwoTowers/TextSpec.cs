using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The spec of an encoder of captions: token ids <c>[B, T]</c> to features <c>[B, D]</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "family")]
[JsonDerivedType(typeof(TextEncoderSpec), "mobileclip_text")]
[JsonDerivedType(typeof(ClipTextSpec), "clip_text")]
public abstract record TextSpec
{
    /// <summary>Tokens of a caption.</summary>
    /// <value>Default 77.</value>
    public int Context { get; init; } = 77;

    /// <summary>Known tokens.</summary>
    /// <value>Default 49408, CLIP's.</value>
    public int Vocabulary { get; init; } = 49408;

    /// <summary>The network as a part of a larger one, which has set the seed.</summary>
    /// <param name="embedding">D.</param>
    internal abstract Module<Tensor, Tensor> BuildPart(int embedding);
}
