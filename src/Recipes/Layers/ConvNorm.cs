using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>A convolution without bias and its batch normalisation, named <c>conv</c> and <c>bn</c>.</summary>
/// <remarks>Input <c>[B, Cin, H, W]</c>, output <c>[B, Cout, H/stride, W/stride]</c>.</remarks>
public sealed class ConvNorm : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "conv")]
    private readonly Conv2d _conv;

    [ComponentName(Name = "bn")]
    private readonly BatchNorm2d _bn;

    /// <summary>Builds the pair; padding keeps the size at stride 1 unless given.</summary>
    public ConvNorm(long channelsIn, long channelsOut, long kernel, long stride = 1, long groups = 1, long? padding = null)
        : base(nameof(ConvNorm))
    {
        _conv = Conv2d(channelsIn, channelsOut, kernel, stride, padding ?? kernel / 2, groups: groups, bias: false);
        _bn = BatchNorm2d(channelsOut);
        RegisterComponents();
    }

    /// <summary>Builds the pair for a kernel of height 1 over a row of positions, size kept.</summary>
    internal static ConvNorm Row(long channels, long width) =>
        new(Conv2d(channels, channels, (1, width), (1, 1), (0, width / 2), groups: channels, bias: false));

    private ConvNorm(Conv2d convolution)
        : base(nameof(ConvNorm))
    {
        _conv = convolution;
        _bn = BatchNorm2d(convolution.out_channels);
        RegisterComponents();
    }

    /// <summary>The convolution.</summary>
    public Conv2d Convolution => _conv;

    /// <summary>The normalisation behind it.</summary>
    public BatchNorm2d Norm => _bn;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        // oneDNN (libtorch 2.10 and before, AVX2) writes past its buffers in the weight gradient of a strided 1x1 convolution
        // of channels-last images with fewer than 8 channels; the contiguous form of the same is sound.
        var fragile = training && Strided1x1 && input.device_type == DeviceType.CPU && !input.is_contiguous();
        using var sound = fragile ? input.contiguous() : null;
        using var y = _conv.call(sound ?? input);
        return _bn.call(y);
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_bn, graph.Call(_conv, input));

    private bool Strided1x1 => _conv is { groups: 1, kernel_size: [1, ..], stride: [> 1, ..] } && _conv.in_channels < 8;
}
