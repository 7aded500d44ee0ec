using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// Squeeze-and-excitation as MobileOne has it: global mean, 1x1 convolution to C/16, ReLU, 1x1 convolution back, sigmoid,
/// multiply (MobileOne, sec. 3.2; keys <c>reduce</c>, <c>expand</c>).
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>.</remarks>
public sealed class SqueezeExcite : Module<Tensor, Tensor>
{
    [ComponentName(Name = "reduce")]
    private readonly Conv2d _reduce;

    [ComponentName(Name = "expand")]
    private readonly Conv2d _expand;

    /// <summary>Builds the gate; the inner width is <paramref name="ratio"/> of the channels, truncated.</summary>
    public SqueezeExcite(long channels, double ratio = 0.0625)
        : base(nameof(SqueezeExcite))
    {
        var inner = (long)(channels * ratio);
        _reduce = Conv2d(channels, inner, 1);
        _expand = Conv2d(inner, channels, 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var gate = input.mean([2, 3], keepdim: true);
        gate = _expand.call(functional.relu(_reduce.call(gate))).sigmoid();
        return (input * gate).MoveToOuterDisposeScope();
    }
}
