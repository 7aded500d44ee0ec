using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What a <see cref="ResNetBlock"/> is built from.</summary>
/// <param name="Input">Channels in.</param>
/// <param name="Inner">Channels of the inner convolutions.</param>
/// <param name="Output">Channels out.</param>
/// <param name="Stride">Of the first 3x3 convolution.</param>
/// <param name="Bottleneck">Whether it is 1x1, 3x3, 1x1; else 3x3, 3x3.</param>
/// <param name="Projected">Whether the shortcut is a convolution.</param>
/// <param name="Activated">Whether ReLU follows the sum.</param>
internal readonly record struct ResNetBlockSpec(
    long Input,
    long Inner,
    long Output,
    long Stride,
    bool Bottleneck,
    bool Projected,
    bool Activated
);

/// <summary>A residual block (arXiv 1512.03385), stride at the 3x3 convolution, with torchvision's names.</summary>
/// <remarks><c>[B, C, H, W]</c> to <c>[B, O, ⌈H/s⌉, ⌈W/s⌉]</c>. Keys <c>conv1</c>, <c>bn1</c>, …, <c>downsample.0</c>, <c>downsample.1</c>.</remarks>
internal sealed class ResNetBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly bool _activated;

    [ComponentName(Name = "conv1")]
    private readonly Module<Tensor, Tensor> _conv1;

    [ComponentName(Name = "bn1")]
    private readonly BatchNorm2d _bn1;

    [ComponentName(Name = "conv2")]
    private readonly Module<Tensor, Tensor> _conv2;

    [ComponentName(Name = "bn2")]
    private readonly BatchNorm2d _bn2;

    [ComponentName(Name = "conv3")]
    private readonly Module<Tensor, Tensor>? _conv3;

    [ComponentName(Name = "bn3")]
    private readonly BatchNorm2d? _bn3;

    [ComponentName(Name = "downsample")]
    private readonly Module<Tensor, Tensor>? _shortcut;

    public ResNetBlock(ResNetBlockSpec spec)
        : base(nameof(ResNetBlock))
    {
        _activated = spec.Activated;
        if (spec.Bottleneck)
        {
            _conv1 = new PointwiseConv(spec.Input, spec.Inner, bias: false);
            _conv2 = Three(spec.Inner, spec.Inner, spec.Stride);
            _conv3 = new PointwiseConv(spec.Inner, spec.Output, bias: false);
            _bn3 = BatchNorm2d(spec.Output);
        }
        else
        {
            _conv1 = Three(spec.Input, spec.Inner, spec.Stride);
            _conv2 = Three(spec.Inner, spec.Inner, 1);
        }
        (_bn1, _bn2) = (BatchNorm2d(spec.Inner), BatchNorm2d(spec.Inner));
        if (spec.Projected)
            _shortcut = Modules.Numbered([new PointwiseConv(spec.Input, spec.Output, bias: false, spec.Stride), BatchNorm2d(spec.Output)]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(_bn1.call(_conv1.call(input)));
        x = _bn2.call(_conv2.call(x));
        if (_conv3 is not null)
            x = _bn3!.call(_conv3.call(functional.relu(x)));
        var sum = x + (_shortcut?.call(input) ?? input);
        return (_activated ? functional.relu(sum) : sum).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var x = graph.Call(_bn1, graph.Call(_conv1, input)).Relu();
        x = graph.Call(_bn2, graph.Call(_conv2, x));
        if (_conv3 is not null)
            x = graph.Call(_bn3!, graph.Call(_conv3, x.Relu()));
        var sum = x + (_shortcut is null ? input : graph.Call(_shortcut, input));
        return _activated ? sum.Relu() : sum;
    }

    private static Conv2d Three(long channels, long output, long stride) => Conv2d(channels, output, 3, stride, padding: 1, bias: false);
}
