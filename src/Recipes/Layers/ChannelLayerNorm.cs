using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>Normalises the channels of each position (FastViTHD and MobileCLIP2's attention stages).</summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>weight</c>, <c>bias</c>. Nothing in it depends on the batch, so it cannot fold.</remarks>
public sealed class ChannelLayerNorm : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly double _eps;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    /// <summary>Builds the layer.</summary>
    public ChannelLayerNorm(long channels, double eps = 1e-5)
        : base(nameof(ChannelLayerNorm))
    {
        _eps = eps;
        _weight = Parameters.Full(1, channels);
        _bias = Parameters.Full(0, channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var last = input.permute(0, 2, 3, 1); // [B, H, W, C]
        var normal = functional.layer_norm(last, [input.shape[1]], _weight, _bias, _eps);
        return normal.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.LayerNorm(input.Permute(0, 2, 3, 1), 1, _weight, _bias, _eps).Permute(0, 3, 1, 2);
}
