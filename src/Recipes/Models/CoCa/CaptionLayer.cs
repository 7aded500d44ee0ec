using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What a layer sees besides its tokens.</summary>
/// <param name="Image">The image, for a layer that looks at it; else null.</param>
/// <param name="Cache">Keys and values of earlier tokens, or null.</param>
/// <param name="Layer">The layer's place in the cache.</param>
internal sealed record CaptionPass(CrossMemory? Image, KeyValueCache? Cache, int Layer);

/// <summary>
/// A pre-norm transformer layer of a decoder: causal attention, attention to an image where it has any, a feed-forward of four times the width with GELU.
/// </summary>
/// <remarks><c>[R, T, D]</c> to the same. Keys <c>ln_1</c>, <c>qkv</c>, <c>proj</c>, <c>ln_x</c>, <c>cross</c>, <c>ln_2</c>, <c>c_fc</c>, <c>c_proj</c>.</remarks>
internal sealed class CaptionLayer : Module<Tensor, CaptionPass, Tensor>
{
    private readonly long _heads;

    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "qkv")]
    private readonly Linear _qkv;

    [ComponentName(Name = "proj")]
    private readonly Linear _proj;

    [ComponentName(Name = "ln_x")]
    private readonly LayerNorm? _normCross;

    [ComponentName(Name = "cross")]
    private readonly CrossAttention? _cross;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm _norm2;

    [ComponentName(Name = "c_fc")]
    private readonly Linear _expand;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _project;

    public CaptionLayer(long width, long heads, bool sees)
        : base(nameof(CaptionLayer))
    {
        _heads = heads;
        (_norm1, _norm2) = (LayerNorm(width), LayerNorm(width));
        (_qkv, _proj) = (Linear(width, 3 * width), Linear(width, width));
        if (sees)
            (_normCross, _cross) = (LayerNorm(width), new CrossAttention(width, width, heads));
        (_expand, _project) = (Linear(width, 4 * width), Linear(4 * width, width));
        RegisterComponents();
    }

    /// <summary>What this layer sees of pooled images <c>[B, N, D]</c>; null where it sees none.</summary>
    public CrossMemory? Memory(Tensor pooled) => _cross?.Memory(pooled);

    public override Tensor forward(Tensor input, CaptionPass pass)
    {
        using var scope = NewDisposeScope();
        var mixed = input + _proj.call(Attend(_qkv.call(_norm1.call(input)), pass));
        if (pass.Image is { } image)
            mixed = mixed + _cross!.call(_normCross!.call(mixed), image);
        var inner = functional.gelu(_expand.call(_norm2.call(mixed)));
        return (mixed + _project.call(inner)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor qkv, CaptionPass pass)
    {
        if (pass.Cache is not { } cache)
            return AttentionCore.SelfAttention(qkv, _heads, causal: true);
        var parts = qkv.chunk(3, -1).Select(part => CausalAttention.Split(part, _heads)).ToList(); // [R, heads, 1, d]
        var (keys, values) = cache.Append(pass.Layer, parts[1], parts[2]);
        var mixed = functional.scaled_dot_product_attention(parts[0], keys, values);
        return mixed.transpose(1, 2).reshape(qkv.shape[0], 1, -1);
    }
}
