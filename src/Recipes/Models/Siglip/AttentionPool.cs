using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// One learned query attends to all tokens: [B, T, D] to [B, D].
internal sealed class AttentionPool : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly long _heads;

    [ComponentName(Name = "latent")]
    private readonly Parameter _latent;

    [ComponentName(Name = "q")]
    private readonly Linear _query;

    [ComponentName(Name = "kv")]
    private readonly Linear _keysValues;

    [ComponentName(Name = "proj")]
    private readonly Linear _proj;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "mlp")]
    private readonly SiglipFeedForward _feedForward;

    public AttentionPool(SiglipSpec spec)
        : base(nameof(AttentionPool))
    {
        var width = spec.Width;
        _heads = spec.Heads;
        _latent = Parameters.Normal(Math.Pow(width, -0.5), 1, 1, width);
        (_query, _keysValues, _proj) = (Linear(width, width), Linear(width, 2 * width), Linear(width, width));
        _norm = LayerNorm(width, 1e-6);
        _feedForward = new SiglipFeedForward(spec);
        RegisterComponents();
    }

    public long ProductMacs(Tensor input) => 2 * input.shape[1] * input.shape[2];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, length, width) = (input.shape[0], input.shape[1], input.shape[2]);
        var size = width / _heads;
        var query = _query.call(_latent.expand(batch, 1, width)).reshape(batch, 1, _heads, size).transpose(1, 2);
        var pair = _keysValues.call(input).reshape(batch, length, 2, _heads, size).permute(2, 0, 3, 1, 4);
        var mixed = functional.scaled_dot_product_attention(query, pair[0], pair[1]).transpose(1, 2).reshape(batch, 1, width);
        var pooled = _proj.call(mixed);
        return (pooled + _feedForward.call(_norm.call(pooled))).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var query = AttentionCore.Split(graph.Call(_query, graph.Weight("latent", _latent)), _heads); // [1, H, 1, d]
        var pair = graph.Call(_keysValues, input).Chunk(2, -1).Select(part => AttentionCore.Split(part, _heads)).ToList();
        var pooled = graph.Call(_proj, AttentionCore.Join(OnnxGraph.Attention(query, pair[0], pair[1])));
        return (pooled + graph.Call(_feedForward, graph.Call(_norm, pooled))).Squeeze(1);
    }
}
