using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The mask decoder's attention, which may work in fewer channels than it gets.</summary>
/// <remarks>Queries <c>[B, T, C]</c>, keys and values <c>[B, S, C]</c>; output <c>[B, T, C]</c>. Keys <c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c>, <c>out_proj</c>.</remarks>
public sealed class SamCrossAttention : Module<Tensor, Tensor, Tensor, Tensor>, ICountedLayer
{
    private readonly (long Heads, long Inner) _built;

    [ComponentName(Name = "q_proj")]
    private readonly Linear _query;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _key;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _value;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _out;

    /// <summary>Builds the layer.</summary>
    /// <param name="width">C.</param>
    /// <param name="heads">Heads that share the inner channels.</param>
    /// <param name="inner">Channels within.</param>
    public SamCrossAttention(long width, long heads, long inner)
        : base(nameof(SamCrossAttention))
    {
        _built = (heads, inner);
        (_query, _key, _value) = (Linear(width, inner), Linear(width, inner), Linear(width, inner));
        _out = Linear(inner, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long ProductMacs(Tensor query, Tensor key) => 2 * query.shape[1] * key.shape[1] * _built.Inner;

    /// <inheritdoc/>
    public override Tensor forward(Tensor query, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var mixed = functional.scaled_dot_product_attention(Split(_query.call(query)), Split(_key.call(key)), Split(_value.call(value)));
        return _out.call(mixed.transpose(1, 2).reshape(query.shape[0], query.shape[1], _built.Inner)).MoveToOuterDisposeScope();
    }

    // [B, T, inner] to [B, heads, T, inner/heads]
    private Tensor Split(Tensor tokens) => tokens.reshape(tokens.shape[0], tokens.shape[1], _built.Heads, -1).transpose(1, 2);

    /// <summary>The same in ONNX.</summary>
    internal OnnxValue ToOnnx(OnnxGraph graph, OnnxValue query, OnnxValue key, OnnxValue value) =>
        graph.In(
            this,
            () =>
            {
                OnnxValue Split(Linear layer, OnnxValue tokens) => AttentionCore.Split(graph.Call(layer, tokens), _built.Heads);
                return graph.Call(
                    _out,
                    AttentionCore.Join(OnnxGraph.Attention(Split(_query, query), Split(_key, key), Split(_value, value)))
                );
            }
        );
}
