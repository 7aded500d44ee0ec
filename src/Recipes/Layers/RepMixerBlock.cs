using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// A block of FastViT's RepMixer stages: mixer, then feed-forward as a scaled residual (FastViT, sec. 3). Any
/// <see cref="TokenMixer"/> can stand in the mixer's place.
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>layer_scale</c>, <c>token_mixer</c>, <c>convffn</c>.</remarks>
public sealed class RepMixerBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly double _dropPath;

    [ComponentName(Name = "layer_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "token_mixer")]
    private readonly Module<Tensor, Tensor> _mixer;

    [ComponentName(Name = "convffn")]
    private readonly ConvFeedForward _feedForward;

    /// <summary>Builds the train-time form.</summary>
    public RepMixerBlock(long channels, double ratio, double layerScale = 1e-5, double dropPath = 0, bool row = false)
        : this(
            channels,
            new RepMixer(channels, row ? 11 : 3, layerScale, row),
            new ConvFeedForward(channels, ratio, row),
            layerScale,
            dropPath
        ) { }

    /// <summary>Builds the block around a mixer, which has its own skip, and a feed-forward; both keep the shape.</summary>
    public RepMixerBlock(
        long channels,
        Module<Tensor, Tensor> mixer,
        ConvFeedForward feedForward,
        double layerScale = 1e-5,
        double dropPath = 0
    )
        : base(nameof(RepMixerBlock))
    {
        _dropPath = dropPath;
        _scale = Parameters.Full(layerScale, channels, 1, 1);
        (_mixer, _feedForward) = (mixer, feedForward);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = _mixer.call(input);
        var branch = DropPath.Apply(_scale * _feedForward.call(mixed), _dropPath, training);
        return (mixed + branch).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var mixed = graph.Call(_mixer, input);
        return mixed + graph.Weight("layer_scale", _scale) * graph.Call(_feedForward, mixed);
    }
}
