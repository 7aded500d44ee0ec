using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// A mixer as a MetaFormer has it: y = x + λ ⊙ mix(BN(x)) (PoolFormer, arXiv 2111.11418, sec. 3.2; batch normalisation as in
/// FastViT's attention blocks, where PoolFormer has the dearer group normalisation). Nothing of it folds.
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>layer_scale</c>, <c>norm</c>, <c>mixer</c>.</remarks>
public sealed class ResidualMixer : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "layer_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "norm")]
    private readonly BatchNorm2d _norm;

    [ComponentName(Name = "mixer")]
    private readonly Module<Tensor, Tensor> _mix;

    /// <summary>Wraps what mixes.</summary>
    /// <param name="channels">C.</param>
    /// <param name="mix">Keeps the shape.</param>
    /// <param name="layerScale">Initial λ.</param>
    public ResidualMixer(long channels, Module<Tensor, Tensor> mix, double layerScale = 1e-5)
        : base(nameof(ResidualMixer))
    {
        _scale = Parameters.Full(layerScale, channels, 1, 1);
        (_norm, _mix) = (BatchNorm2d(channels), mix);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return (input + _scale * _mix.call(_norm.call(input))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        input + graph.Weight("layer_scale", _scale) * graph.Call(_mix, graph.Call(_norm, input));
}

/// <summary>PoolFormer's token mixer: the mean of the neighbours that lie in the picture, minus the position itself.</summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>; no weights.</remarks>
public sealed class PoolingDifference : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "pool")]
    private readonly AvgPool2d _pool;

    /// <summary>Builds the layer for a window of an odd side.</summary>
    public PoolingDifference(long kernel = 3)
        : base(nameof(PoolingDifference))
    {
        _pool = AvgPool2d(kernel, stride: 1, padding: kernel / 2, count_include_pad: false);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _pool.call(input).sub_(input);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_pool, input) - input;
}
