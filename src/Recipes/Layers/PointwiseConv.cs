using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// A 1x1 convolution as the matrix product that it is. Some builds of oneDNN divide by zero in their own on small images (libtorch 2.10
/// on processors of AMD with AVX-512).
/// </summary>
/// <remarks>Input <c>[B, C, H, W]</c>, output <c>[B, O, ⌈H/s⌉, ⌈W/s⌉]</c>. Keys <c>weight</c> <c>[O, C, 1, 1]</c>, <c>bias</c>.</remarks>
public sealed class PointwiseConv : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly long _stride;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Builds the layer; it starts like the framework's convolution.</summary>
    public PointwiseConv(long channels, long output, bool bias, long stride = 1)
        : base(nameof(PointwiseConv))
    {
        _stride = stride;
        var limit = 1 / Math.Sqrt(channels);
        _weight = FreshWeights.Filled([output, channels, 1, 1], w => w.uniform_(-limit, limit));
        _bias = bias ? FreshWeights.Filled([output], b => b.uniform_(-limit, limit)) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long WeightMacs(Tensor input) => Sides(input.shape[2]) * Sides(input.shape[3]) * _weight.numel();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = _stride == 1 ? input : input[.., .., TensorIndex.Slice(step: _stride), TensorIndex.Slice(step: _stride)];
        var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var output = _weight.reshape(-1, channels).matmul(x.reshape(batch, channels, -1)); // [B, O, H·W]
        if (_bias is not null)
            output = output + _bias.unsqueeze(-1);
        return output.reshape(batch, -1, height, width).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.Convolution(input, "weight", _weight, _bias, [_stride, _stride], [0, 0]);

    private long Sides(long side) => (side + _stride - 1) / _stride;
}
