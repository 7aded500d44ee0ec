using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// Squeeze-and-excitation as MobileOne has it: global mean, 1x1 convolution to C/16, ReLU, 1x1 convolution back, sigmoid,
/// multiply (MobileOne, sec. 3.2; keys <c>reduce</c>, <c>expand</c>).
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>.</remarks>
public sealed class SqueezeExcite : Module<Tensor, Tensor>, IOnnxLayer
{
    // Not fields of their own, which TorchSharp would register under one fixed name.
    private readonly (Conv2d Reduce, Conv2d Expand) _layers;

    /// <summary>Builds the gate; the inner width is <paramref name="ratio"/> of the channels, truncated.</summary>
    public SqueezeExcite(long channels, double ratio = 0.0625)
        : this(channels, (long)(channels * ratio), "reduce", "expand") { }

    private SqueezeExcite(long channels, long inner, string reduce, string expand)
        : base(nameof(SqueezeExcite))
    {
        _layers = (Conv2d(channels, inner, 1), Conv2d(inner, channels, 1));
        register_module(reduce, _layers.Reduce);
        register_module(expand, _layers.Expand);
    }

    /// <summary>The gate of MobileCLIP's down-sampling: a quarter of the channels, rounded to a multiple of 8; keys <c>fc1</c>, <c>fc2</c>.</summary>
    public static SqueezeExcite Quarter(long channels)
    {
        var inner = Math.Max(8, (channels / 4 + 4) / 8 * 8);
        return new SqueezeExcite(channels, inner < 0.9 * channels / 4 ? inner + 8 : inner, "fc1", "fc2");
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var gate = input.mean([2, 3], keepdim: true);
        gate = _layers.Expand.call(functional.relu(_layers.Reduce.call(gate))).sigmoid();
        return (input * gate).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var gate = input.Mean([2, 3], keepDims: true);
        return input * graph.Call(_layers.Expand, graph.Call(_layers.Reduce, gate).Relu()).Sigmoid();
    }
}
