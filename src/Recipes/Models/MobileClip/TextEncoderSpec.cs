using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A text encoder of MobileCLIP.</summary>
public sealed record TextEncoderSpec : TextSpec
{
    /// <summary>Channels of a token, a multiple of 64, which is the size of a head.</summary>
    /// <value>Default 512.</value>
    public int Width { get; init; } = 512;

    /// <summary>Ordinary transformer layers.</summary>
    /// <value>Default 12.</value>
    public int Layers { get; init; } = 12;

    /// <summary>Whether a convolutional block stands before and behind them (MCt, the text encoder of S0).</summary>
    /// <value>Default false.</value>
    public bool Hybrid { get; init; }

    /// <summary>Whether a token sees only those before it.</summary>
    /// <value>Default false.</value>
    public bool Causal { get; init; }

    /// <summary>Standard deviation of the fresh embeddings of tokens. Larger ones tell captions apart before anything is learned, which short trainings need.</summary>
    /// <value>Default 0.02, CLIP's.</value>
    public double TokenDeviation { get; init; } = 0.02;

    /// <summary>The base encoder: 63.4 M parameters.</summary>
    public static TextEncoderSpec Base { get; } = new();

    /// <summary>MCt: 42.4 M parameters.</summary>
    public static TextEncoderSpec Mct { get; } = new() { Layers = 4, Hybrid = true };

    /// <inheritdoc/>
    internal override Module<Tensor, Tensor> BuildPart(int embedding) => new TextEncoder(this, embedding);
}
