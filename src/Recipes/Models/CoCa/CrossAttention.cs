using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Multi-head attention of some tokens to others. Keys <c>q</c>, <c>kv</c> (rows keys, values), <c>proj</c>.</summary>
internal sealed class CrossAttention : Module<Tensor, CrossMemory, Tensor>
{
    private readonly long _heads;

    [ComponentName(Name = "q")]
    private readonly Linear _query;

    [ComponentName(Name = "kv")]
    private readonly Linear _keysValues;

    [ComponentName(Name = "proj")]
    private readonly Linear _proj;

    /// <summary>Builds the layer.</summary>
    /// <param name="width">D of the queries and the result.</param>
    /// <param name="seen">Channels of what they attend to.</param>
    /// <param name="heads">Attention heads, which share D.</param>
    public CrossAttention(long width, long seen, long heads)
        : base(nameof(CrossAttention))
    {
        _heads = heads;
        (_query, _keysValues, _proj) = (Linear(width, width), Linear(seen, 2 * width), Linear(width, width));
        RegisterComponents();
    }

    /// <summary>Keys and values of tokens <c>[B, N, C]</c>, in the caller's scope.</summary>
    public CrossMemory Memory(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var pair = _keysValues.call(tokens).chunk(2, -1).Select(part => CausalAttention.Split(part, _heads)).ToList();
        return new CrossMemory(pair[0].MoveToOuterDisposeScope(), pair[1].MoveToOuterDisposeScope());
    }

    /// <summary>Queries <c>[R, T, D]</c> of B images' R/B captions each, those of an image together, to <c>[R, T, D]</c>.</summary>
    public override Tensor forward(Tensor input, CrossMemory memory)
    {
        using var scope = NewDisposeScope();
        var (shape, images) = (input.shape, memory.Keys.shape[0]);
        // Nothing is causal here, so all captions of an image are one row of queries, and no key is copied.
        var query = CausalAttention.Split(_query.call(input).view(images, shape[0] / images * shape[1], shape[2]), _heads);
        var mixed = functional.scaled_dot_product_attention(query, memory.Keys, memory.Values);
        return _proj.call(mixed.transpose(1, 2).reshape(shape)).MoveToOuterDisposeScope();
    }
}
