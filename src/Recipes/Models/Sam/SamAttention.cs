using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Self-attention within windows of a map, with decomposed relative positions.</summary>
/// <remarks>
/// Input and output <c>[B, N, h, w, D]</c>: N windows of h x w patches. Keys <c>rel_pos_h</c>, <c>rel_pos_w</c> (<c>[2S-1, D/heads]</c> for windows of
/// S), <c>qkv</c>, <c>proj</c>.
/// </remarks>
public sealed class SamAttention : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly long _heads;

    [ComponentName(Name = "rel_pos_h")]
    private readonly Parameter _rows;

    [ComponentName(Name = "rel_pos_w")]
    private readonly Parameter _columns;

    [ComponentName(Name = "qkv")]
    private readonly Linear _qkv;

    [ComponentName(Name = "proj")]
    private readonly Linear _out;

    /// <summary>Builds the layer.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">Heads that share D.</param>
    /// <param name="side">S, patches a side of the windows that the tables are for.</param>
    public SamAttention(long width, long heads, long side)
        : base(nameof(SamAttention))
    {
        _heads = heads;
        _rows = Parameters.Full(0, 2 * side - 1, width / heads);
        _columns = Parameters.Full(0, 2 * side - 1, width / heads);
        (_qkv, _out) = (Linear(width, 3 * width), Linear(width, width));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long ProductMacs(Tensor input)
    {
        var (windows, height, width, channels) = (input.shape[1], input.shape[2], input.shape[3], input.shape[4]);
        var tokens = height * width;
        return windows * tokens * channels * (2 * tokens + height + width); // q·kᵀ, weights·v, q·r_h, q·r_w
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var (height, width, channels) = (input.Size(2), input.Size(3), input.Size(4));
        using var scope = NewDisposeScope();
        // Distances as [h, d, h'] and [w, d, w'], to multiply queries with.
        var rows = graph.Derived("rows", RelativePositions.Of(_rows, height).transpose(1, 2));
        var columns = graph.Derived("columns", RelativePositions.Of(_columns, width).transpose(1, 2));
        OnnxValue Heads(OnnxValue part) => part.Reshape(-1, height * width, _heads, channels / _heads).Transpose(1, 2); // [B·N, heads, T, d]
        var parts = graph.Call(_qkv, input).Chunk(3, -1).Select(Heads).ToList();
        var map = parts[0].Reshape(parts[0].Shape[0], _heads, height, width, channels / _heads);
        var byRow = map.MatMul(rows).Unsqueeze(-1); // [B·N, heads, h, w, h', 1]
        var byColumn = map.Transpose(2, 3).MatMul(columns).Transpose(2, 3).Unsqueeze(-2); // [B·N, heads, h, w, 1, w']
        var mask = (byRow + byColumn).Reshape(map.Shape[0], _heads, height * width, height * width);
        var mixed = OnnxGraph.Attention(parts[0], parts[1], parts[2], mask).Transpose(1, 2).Reshape([.. input.Shape]);
        return graph.Call(_out, mixed);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, windows, height, width, channels) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3], input.shape[4]);
        var count = batch * windows * _heads;
        var (tokens, size) = (height * width, channels / _heads);
        Tensor split;
        using (var qkv = _qkv.call(input))
            split = qkv.reshape(batch * windows, tokens, 3, _heads, size).permute(2, 0, 3, 1, 4).reshape(3, count, tokens, size);
        var mixed = DecomposedAttention.Mix(
            split[0],
            split[1],
            split[2],
            RelativePositions.Of(_rows, height),
            RelativePositions.Of(_columns, width)
        );
        var joined = mixed.reshape(batch * windows, _heads, tokens, size).transpose(1, 2).reshape(input.shape);
        return _out.call(joined).MoveToOuterDisposeScope();
    }
}
