using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Multi-head self-attention over tokens with the names of Apple's MobileCLIP.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>. Keys <c>qkv_proj</c> (rows q, k, v), <c>out_proj</c>, both with bias.</remarks>
public sealed class TokenAttention : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly (long Heads, bool Causal) _built;

    [ComponentName(Name = "qkv_proj")]
    private readonly Linear _qkv;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _out;

    /// <summary>Builds the layer.</summary>
    public TokenAttention(long width, long heads, bool causal)
        : base(nameof(TokenAttention))
    {
        _built = (heads, causal);
        _qkv = Linear(width, 3 * width);
        _out = Linear(width, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long ProductMacs(Tensor input) => 2 * input.shape[1] * input.shape[1] * input.shape[2];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = AttentionCore.SelfAttention(_qkv.call(input), _built.Heads, _built.Causal);
        return _out.call(mixed).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.Call(_out, AttentionCore.SelfAttention(graph.Call(_qkv, input), _built.Heads, _built.Causal));
}
