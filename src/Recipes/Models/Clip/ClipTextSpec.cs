using Recipes.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A text encoder with the names of OpenAI's CLIP and open_clip.</summary>
public sealed record ClipTextSpec : TextSpec
{
    /// <summary>Channels of a token, a multiple of 64, which is the size of a head.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>Whether a token sees only those before it.</summary>
    /// <value>Default true.</value>
    public bool Causal { get; init; } = true;

    /// <summary>The feed-forward's activation: QuickGELU in OpenAI's models, GELU in later ones.</summary>
    /// <value>Default QuickGELU.</value>
    public Activation Activation { get; init; } = Activation.QuickGelu;

    /// <summary>Width of the joint embedding.</summary>
    public int Embedding { get; init; } = 512;

    /// <summary>The text encoder of a MobileCLIP2: 12 layers, GELU; only B's is causal.</summary>
    /// <param name="width">512 for S0, S2 and B, 768 for S3, S4 and L/14; the joint embedding is as wide.</param>
    /// <param name="causal">Whether it is B's.</param>
    public static ClipTextSpec MobileClip2(int width = 512, bool causal = false) =>
        new()
        {
            Width = width,
            Embedding = width,
            Causal = causal,
            Activation = Activation.Gelu,
        };

    /// <inheritdoc/>
    internal override Module<Tensor, Tensor> BuildPart(int embedding) => new ClipText(this with { Embedding = embedding });
}
