using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SwiGLU from one matrix for gate and value: w3(silu(gate) · value), without biases.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class OpenLmFeedForward : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "w12")]
    private readonly Linear _gateAndValue;

    [ComponentName(Name = "w3")]
    private readonly Linear _output;

    public OpenLmFeedForward(OpenLmSpec spec, int index)
        : base(nameof(OpenLmFeedForward))
    {
        _gateAndValue = FreshWeights.Linear(spec.Width, 2 * spec.Inner, false, FreshWeights.TruncatedNormal(1 / Math.Sqrt(spec.Width)));
        _output = FreshWeights.Linear(
            spec.Inner,
            spec.Width,
            false,
            FreshWeights.TruncatedNormal(1 / Math.Sqrt(2.0 * (index + 1) * spec.Inner))
        );
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var halves = _gateAndValue.call(input).chunk(2, -1);
        return _output.call(Gated.Silu(halves[0], halves[1])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var halves = graph.Call(_gateAndValue, input).Chunk(2, -1);
        return graph.Call(_output, halves[0].Silu() * halves[1]);
    }
}
