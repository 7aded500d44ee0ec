using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>Multi-head self-attention over the positions of a feature map (FastViT, sec. 3.3), heads of 32 channels.</summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>, positions row by row. Keys <c>qkv.weight</c> (rows q, k, v; no bias), <c>proj</c>.</remarks>
public sealed class SpatialAttention : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly long _headSize;

    [ComponentName(Name = "qkv")]
    private readonly Linear _qkv;

    [ComponentName(Name = "proj")]
    private readonly Linear _proj;

    /// <summary>Builds the layer; the head size divides the channels.</summary>
    public SpatialAttention(long channels, long headSize = 32)
        : base(nameof(SpatialAttention))
    {
        _headSize = headSize;
        _qkv = FreshWeights.Linear(channels, 3 * channels, false, Parameters.FastVit);
        _proj = FreshWeights.Linear(channels, channels, true, Parameters.FastVit);
        RegisterComponents();
    }

    /// <summary>With heads of 32 channels, or one head where there are fewer.</summary>
    internal static SpatialAttention Of(long channels) => new(channels, Math.Min(32, channels));

    /// <inheritdoc/>
    public long ProductMacs(Tensor input) => 2 * input.shape[1] * input.shape[2] * input.shape[3] * (input.shape[2] * input.shape[3]);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, channels, height, width) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3]);
        var tokens = input.flatten(2).transpose(1, 2); // [B, T, C]
        var mixed = AttentionCore.SelfAttention(_qkv.call(tokens), channels / _headSize); // [B, T, C]
        return _proj.call(mixed).transpose(1, 2).reshape(batch, channels, height, width).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var tokens = input.Flatten(2).Transpose(1, 2); // [B, T, C]
        var mixed = AttentionCore.SelfAttention(graph.Call(_qkv, tokens), input.Size(1) / _headSize);
        return graph.Call(_proj, mixed).Transpose(1, 2).Reshape([.. input.Shape]);
    }
}
