using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// FastViT's feed-forward: a depthwise convolution with its normalisation, then 1x1 to r·C, GELU, 1x1 back (FastViT, sec. 3.3).
/// The official code does not fold its normalisation.
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>conv</c>, <c>fc1</c>, <c>fc2</c>.</remarks>
public sealed class ConvFeedForward : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly bool _row;

    [ComponentName(Name = "conv")]
    private readonly ConvNorm _conv;

    [ComponentName(Name = "fc1")]
    private readonly Conv2d _expand;

    [ComponentName(Name = "fc2")]
    private readonly Conv2d _project;

    /// <summary>Builds the layer.</summary>
    /// <param name="channels">C.</param>
    /// <param name="ratio">r, the inner width over C.</param>
    /// <param name="row">Whether the kernel is 1x11 over a row of positions (MobileCLIP's text encoder) instead of a square.</param>
    /// <param name="kernel">Side of the square kernel; 1 sees no neighbours.</param>
    public ConvFeedForward(long channels, double ratio, bool row = false, long kernel = 7)
        : base(nameof(ConvFeedForward))
    {
        _row = row;
        var inner = (long)(channels * ratio);
        _conv = row ? ConvNorm.Row(channels, 11) : new ConvNorm(channels, channels, kernel, groups: channels);
        _expand = FreshWeights.Pointwise(channels, inner, Parameters.FastVit);
        _project = FreshWeights.Pointwise(inner, channels, Parameters.FastVit);
        using (no_grad())
            Parameters.FastVit(_conv.Convolution.weight!);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long WeightMacs(Tensor input) =>
        _row ? (_expand.weight!.numel() + _project.weight!.numel()) * input.shape[2] * input.shape[3] : 0;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = _conv.call(input);
        var output = _row ? Row(mixed) : _project.call(Activation.Gelu.Apply(_expand.call(mixed)));
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_project, graph.Call(_expand, graph.Call(_conv, input)).Gelu());

    // Matrix products: oneDNN's 1x1 convolution (libtorch 2.10, AVX-512 of AMD, two threads) divides by zero on images of height 1.
    private Tensor Row(Tensor input)
    {
        var tokens = input.squeeze(2).transpose(1, 2); // [B, T, C]
        var inner = functional.linear(tokens, _expand.weight!.flatten(1), _expand.bias);
        var outer = functional.linear(Activation.Gelu.Apply(inner), _project.weight!.flatten(1), _project.bias);
        return outer.transpose(1, 2).unsqueeze(2);
    }
}
