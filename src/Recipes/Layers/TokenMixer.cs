using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// What mixes the positions of a feature map in a MetaFormer block, for comparison at equal everything else (FastViT, sec. 3.1
/// and fig. 3). All keep the shape <c>[B, C, H, W]</c>, contain their own skip connection, and are the identity at λ = 0.
/// </summary>
public enum TokenMixer
{
    /// <summary><see cref="Layers.RepMixer"/>: folds into one depthwise 3x3 convolution, the skip included.</summary>
    RepMixer,

    /// <summary>PoolFormer's: x + λ ⊙ (mean of 3x3 − identity)(BN(x)).</summary>
    Pooling,

    /// <summary><see cref="ConvolutionMixer"/>: a depthwise 3x3 convolution whose skip stays an addition when folded.</summary>
    Convolution,

    /// <summary>x + λ ⊙ self-attention(BN(x)), heads of 32 channels; quadratic in H·W.</summary>
    Attention,

    /// <summary>No mixing: x.</summary>
    Identity,
}

internal static class TokenMixers
{
    /// <summary>The mixer's train-time form.</summary>
    /// <param name="mixer">Which.</param>
    /// <param name="channels">C.</param>
    /// <param name="layerScale">Initial λ.</param>
    /// <param name="branches">Whether RepMixer trains with several branches.</param>
    public static Module<Tensor, Tensor> Build(this TokenMixer mixer, long channels, double layerScale, bool branches) =>
        mixer switch
        {
            TokenMixer.RepMixer => new RepMixer(channels, 3, layerScale, branches: branches),
            TokenMixer.Pooling => new ResidualMixer(channels, new PoolingDifference(3), layerScale),
            TokenMixer.Convolution => new ConvolutionMixer(channels, 3, layerScale),
            TokenMixer.Attention => new ResidualMixer(channels, SpatialAttention.Of(channels), layerScale),
            _ => Identity(),
        };
}
