using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>A block of FastViT's attention stages: attention, then feed-forward, both scaled residuals (FastViT, sec. 3.3).</summary>
/// <remarks>
/// Input and output <c>[B, C, H, W]</c>. Keys <c>layer_scale_1</c>, <c>layer_scale_2</c>, <c>norm</c>, <c>token_mixer</c>, <c>convffn</c>.
/// </remarks>
public sealed class SpatialAttentionBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly double _dropPath;

    [ComponentName(Name = "layer_scale_1")]
    private readonly Parameter _scale1;

    [ComponentName(Name = "layer_scale_2")]
    private readonly Parameter _scale2;

    [ComponentName(Name = "norm")]
    private readonly Module<Tensor, Tensor> _norm;

    [ComponentName(Name = "token_mixer")]
    private readonly SpatialAttention _attention;

    [ComponentName(Name = "convffn")]
    private readonly ConvFeedForward _feedForward;

    /// <summary>Builds the block.</summary>
    /// <param name="channels">C, a multiple of 32 or less than that.</param>
    /// <param name="ratio">Inner width of the feed-forward over C.</param>
    /// <param name="layerScale">Initial scale of both residuals.</param>
    /// <param name="dropPath">Share of samples for which training leaves a residual out.</param>
    /// <param name="layerNorm">Whether the norm is over the channels of each position, instead of batch normalisation.</param>
    /// <param name="kernel">Side of the feed-forward's depthwise kernel.</param>
    public SpatialAttentionBlock(
        long channels,
        double ratio,
        double layerScale = 1e-5,
        double dropPath = 0,
        bool layerNorm = false,
        long kernel = 7
    )
        : base(nameof(SpatialAttentionBlock))
    {
        _dropPath = dropPath;
        _scale1 = Parameters.Full(layerScale, channels, 1, 1);
        _scale2 = Parameters.Full(layerScale, channels, 1, 1);
        _norm = layerNorm ? new ChannelLayerNorm(channels) : BatchNorm2d(channels);
        _attention = SpatialAttention.Of(channels);
        _feedForward = new ConvFeedForward(channels, ratio, kernel: kernel);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = input + DropPath.Apply(_scale1 * _attention.call(_norm.call(input)), _dropPath, training);
        return (mixed + DropPath.Apply(_scale2 * _feedForward.call(mixed), _dropPath, training)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var mixed = input + graph.Weight("layer_scale_1", _scale1) * graph.Call(_attention, graph.Call(_norm, input));
        return mixed + graph.Weight("layer_scale_2", _scale2) * graph.Call(_feedForward, mixed);
    }
}
