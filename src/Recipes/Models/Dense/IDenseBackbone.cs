using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>One feature map of an encoder.</summary>
/// <param name="Channels">Its channels C.</param>
/// <param name="Stride">Pixels of the input for one position, each way.</param>
public sealed record FeatureMap(int Channels, int Stride);

/// <summary>Where encoders of one resolution, vision transformers, are tapped. Encoders of stages are tapped behind every stage either way.</summary>
public enum DenseTaps
{
    /// <summary>Behind the last layer and its norm: one map.</summary>
    Final,

    /// <summary>Behind each quarter of the layers, the last with its norm: four maps of one stride (DPT, arXiv 2103.13413, sec. 3).</summary>
    Quarters,
}

/// <summary>An encoder of images whose feature maps heads for dense prediction can use, whatever it was trained for.</summary>
public interface IDenseBackbone
{
    /// <summary>Layers of the encoder, for learning rates that fall with the distance from the head.</summary>
    int LayerCount { get; }

    /// <summary>The layer that a parameter belongs to: 0 for the stem and positions, up to <see cref="LayerCount"/> for the last layer and what is behind it.</summary>
    /// <param name="parameter">Its name in the encoder, such as <c>blocks.2.pre_norm_mha.0.weight</c>.</param>
    int LayerOf(string parameter);

    /// <summary>What <see cref="Maps(Tensor, DenseTaps)"/> gives, finest first.</summary>
    IReadOnlyList<FeatureMap> FeatureMaps(DenseTaps taps);

    /// <summary>The feature maps of images. A position table is interpolated where the resolution is another than that of the encoder.</summary>
    /// <param name="input">Images <c>[B, 3, H, W]</c>; vision transformers want sides that are multiples of their patches.</param>
    /// <param name="taps">Where.</param>
    /// <returns><c>[B, Ci, ⌈H/Si⌉, ⌈W/Si⌉]</c>, finest first, in the caller's scope.</returns>
    IReadOnlyList<Tensor> Maps(Tensor input, DenseTaps taps = DenseTaps.Final);

    /// <summary>The same in ONNX.</summary>
    IReadOnlyList<OnnxValue> Maps(OnnxGraph graph, OnnxValue input, DenseTaps taps = DenseTaps.Final);
}
