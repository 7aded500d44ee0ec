using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Between FastViT's stages: a large-kernel convolution of stride 2, then a 1x1 block (key <c>proj</c>).</summary>
/// <remarks>Input <c>[B, Cin, H, W]</c>, output <c>[B, Cout, ⌈H/2⌉, ⌈W/2⌉]</c>.</remarks>
public sealed class Downsample : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "proj")]
    private readonly Module<Tensor, Tensor> _proj;

    internal Downsample(int channelsIn, int channelsOut, int kernel, bool gate, bool gelu, bool branches)
        : base(nameof(Downsample))
    {
        _proj = Sequential(
            ("0", new LargeKernelConv(channelsIn, channelsOut, kernel, 2, gate, gelu ? Activation.Gelu : Activation.None, branches)),
            ("1", new MobileOneBlock(new MobileOneBlockSpec(channelsOut, channelsOut, 1) { Activation = Activation.Gelu, Skip = branches }))
        );
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _proj.call(input);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_proj, input);
}
