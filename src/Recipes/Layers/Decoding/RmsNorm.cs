using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>x / sqrt(mean(x²) + ε) times a gain; the mean is over the last dimension and computed in float32 at least.</summary>
/// <remarks>Input and output <c>[…, D]</c>, same dtype.</remarks>
public sealed class RmsNorm : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    private readonly double _epsilon;

    /// <summary>Builds the norm; gains start at 1.</summary>
    public RmsNorm(long width, double epsilon)
        : base(nameof(RmsNorm))
    {
        _epsilon = epsilon;
        _weight = FreshWeights.Filled([width], w => w.fill_(1));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.dtype is ScalarType.Float32 or ScalarType.Float64 ? input : input.to(ScalarType.Float32);
        var scale = x.square().mean([-1], keepdim: true).add_(_epsilon).rsqrt_();
        return (_weight * (x * scale).to(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var normal = input / (input.Square().Mean([-1], keepDims: true) + _epsilon).Sqrt();
        return graph.Weight("weight", _weight) * normal;
    }
}
