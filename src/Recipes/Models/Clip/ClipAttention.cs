using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Multi-head self-attention with the names of torch's MultiheadAttention, as OpenAI's CLIP and open_clip have it.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>. Keys <c>in_proj_weight</c> (rows q, k, v), <c>in_proj_bias</c>, <c>out_proj</c>.</remarks>
public sealed class ClipAttention : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly (long Heads, bool Causal) _built;

    [ComponentName(Name = "in_proj_weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "in_proj_bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _out;

    /// <summary>Builds the layer.</summary>
    public ClipAttention(long width, long heads, bool causal)
        : base(nameof(ClipAttention))
    {
        _built = (heads, causal);
        _weight = Parameters.Normal(Math.Pow(width, -0.5), 3 * width, width);
        _bias = Parameters.Full(0, 3 * width);
        _out = Linear(width, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long ProductMacs(Tensor input) => 2 * input.shape[1] * input.shape[1] * input.shape[2];

    /// <inheritdoc/>
    public long WeightMacs(Tensor input) => input.shape[1] * _weight.numel();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = AttentionCore.SelfAttention(functional.linear(input, _weight, _bias), _built.Heads, _built.Causal);
        return _out.call(mixed).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var qkv = graph.Linear(input, "in_proj_weight", _weight, _bias, "in_proj_bias");
        return graph.Call(_out, AttentionCore.SelfAttention(qkv, _built.Heads, _built.Causal));
    }
}
