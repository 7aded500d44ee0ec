using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Learned queries that attend to an image's tokens (CoCa, arXiv 2205.01917, sec. 3.2): <c>[B, T, C]</c> to <c>[B, N, D]</c>. Keys <c>query</c>,
/// <c>ln_k</c>, <c>attn</c>, <c>ln_post</c>.
/// </summary>
internal sealed class AttentionPooler : Module<Tensor, Tensor>
{
    [ComponentName(Name = "query")]
    private readonly Parameter _query;

    [ComponentName(Name = "ln_k")]
    private readonly LayerNorm _normIn;

    [ComponentName(Name = "attn")]
    private readonly CrossAttention _attention;

    [ComponentName(Name = "ln_post")]
    private readonly LayerNorm _normOut;

    public AttentionPooler(long channels, long width, long heads, long queries)
        : base(nameof(AttentionPooler))
    {
        _query = Parameters.Normal(1, 1, queries, width);
        (_normIn, _normOut) = (LayerNorm(channels), LayerNorm(width));
        _attention = new CrossAttention(width, channels, heads);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var queries = _query.expand(input.shape[0], -1, -1);
        return _normOut.call(_attention.call(queries, _attention.Memory(_normIn.call(input)))).MoveToOuterDisposeScope();
    }
}
