using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>LLaVA's <c>mlp2x_gelu</c> connector (FastVLM, sec. 4.1): linear, GELU, linear.</summary>
/// <remarks>Input <c>[B, T, C]</c>, output <c>[B, T, H]</c>. Keys <c>0</c>, <c>2</c>.</remarks>
public sealed class MlpProjector : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "0")]
    private readonly Linear _first;

    [ComponentName(Name = "2")]
    private readonly Linear _second;

    /// <summary>Builds the connector.</summary>
    /// <param name="channels">C, of the visual features.</param>
    /// <param name="width">H, of the language model.</param>
    public MlpProjector(long channels, long width)
        : base(nameof(MlpProjector))
    {
        (_first, _second) = (Linear(channels, width), Linear(width, width));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _second.call(functional.gelu(_first.call(input))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_second, graph.Call(_first, input).Gelu());
}
