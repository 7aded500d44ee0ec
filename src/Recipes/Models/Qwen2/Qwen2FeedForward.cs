using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SwiGLU: down(silu(gate(x)) · up(x)), without biases.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>.</remarks>
internal sealed class Qwen2FeedForward : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "gate_proj")]
    private readonly Linear _gate;

    [ComponentName(Name = "up_proj")]
    private readonly Linear _up;

    [ComponentName(Name = "down_proj")]
    private readonly Linear _down;

    public Qwen2FeedForward(Qwen2Spec spec)
        : base(nameof(Qwen2FeedForward))
    {
        _gate = FreshWeights.Linear(spec.Width, spec.Inner, false, Qwen2Body.Initial);
        _up = FreshWeights.Linear(spec.Width, spec.Inner, false, Qwen2Body.Initial);
        _down = FreshWeights.Linear(spec.Inner, spec.Width, false, Qwen2Body.Initial);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _down.call(Gated.Silu(_gate.call(input), _up.call(input))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.Call(_down, graph.Call(_gate, input).Silu() * graph.Call(_up, input));
}
