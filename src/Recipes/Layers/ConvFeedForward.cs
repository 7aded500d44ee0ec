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
public sealed class ConvFeedForward : Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv")]
    private readonly ConvNorm _conv;

    [ComponentName(Name = "fc1")]
    private readonly Conv2d _expand;

    [ComponentName(Name = "fc2")]
    private readonly Conv2d _project;

    /// <summary>Builds the layer.</summary>
    /// <param name="channels">C.</param>
    /// <param name="ratio">r, the inner width over C.</param>
    /// <param name="row">Whether the kernel is 1x11 over a row of positions (MobileCLIP's text encoder) instead of 7x7.</param>
    public ConvFeedForward(long channels, double ratio, bool row = false)
        : base(nameof(ConvFeedForward))
    {
        var inner = (long)(channels * ratio);
        _conv = row ? ConvNorm.Row(channels, 11) : new ConvNorm(channels, channels, 7, groups: channels);
        _expand = Conv2d(channels, inner, 1);
        _project = Conv2d(inner, channels, 1);
        using (no_grad())
        {
            foreach (var convolution in (Conv2d[])[_conv.Convolution, _expand, _project])
            {
                init.trunc_normal_(convolution.weight!, 0, 0.02, -2, 2);
                convolution.bias?.zero_();
            }
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var inner = Activation.Gelu.Apply(_expand.call(_conv.call(input)));
        return _project.call(inner).MoveToOuterDisposeScope();
    }
}
