using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A pre-norm block of SAM's image encoder (ViTDet, arXiv 2203.16527): attention in windows or over the whole map, feed-forward.</summary>
/// <remarks>Input and output <c>[B, H, W, D]</c>. Keys <c>norm1</c>, <c>attn</c>, <c>norm2</c>, <c>mlp.lin1</c>, <c>mlp.lin2</c>.</remarks>
public sealed class SamBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly long? _window;

    [ComponentName(Name = "norm1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "attn")]
    private readonly SamAttention _attention;

    [ComponentName(Name = "norm2")]
    private readonly LayerNorm _norm2;

    [ComponentName(Name = "mlp")]
    private readonly SamFeedForward _feedForward;

    /// <summary>Builds the block.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="index">Which of its blocks, from 0.</param>
    public SamBlock(SamSpec spec, int index)
        : base(nameof(SamBlock))
    {
        _window = spec.GlobalBlocks.Contains(index) ? null : spec.Window;
        _norm1 = LayerNorm(spec.Width, 1e-6);
        _attention = new SamAttention(spec.Width, spec.Heads, _window ?? spec.Side);
        _norm2 = LayerNorm(spec.Width, 1e-6);
        _feedForward = new SamFeedForward(spec.Width, 4 * spec.Width, Activation.Gelu);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input + Attend(_norm1.call(input));
        return (x + _feedForward.call(_norm2.call(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var normal = graph.Call(_norm1, input);
        var mixed = _window is { } side
            ? SamWindows.Join(graph.Call(_attention, SamWindows.Cut(normal, side)), input.Size(1), input.Size(2))
            : graph.Call(_attention, normal.Unsqueeze(1)).Squeeze(1);
        var x = input + mixed;
        return x + graph.Call(_feedForward, graph.Call(_norm2, x));
    }

    private Tensor Attend(Tensor map)
    {
        using var scope = NewDisposeScope();
        if (_window is not { } side)
            return _attention.call(map.unsqueeze(1)).squeeze(1).MoveToOuterDisposeScope();
        var windows = _attention.call(SamWindows.Cut(map, side));
        return SamWindows.Join(windows, map.shape[1], map.shape[2]).MoveToOuterDisposeScope();
    }
}
