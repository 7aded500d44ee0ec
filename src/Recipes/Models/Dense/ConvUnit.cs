using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A convolution without bias, batch normalisation and ReLU, of which dense heads are made: [B, C, H, W] to [B, O, H, W].
internal sealed class ConvUnit : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "conv")]
    private readonly Module<Tensor, Tensor> _conv;

    [ComponentName(Name = "bn")]
    private readonly BatchNorm2d _norm;

    public ConvUnit(long channels, long output, long kernel)
        : base(nameof(ConvUnit))
    {
        _conv =
            kernel == 1
                ? new PointwiseConv(channels, output, bias: false)
                : Conv2d(channels, output, kernel, padding: kernel / 2, bias: false);
        _norm = BatchNorm2d(output);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return functional.relu(_norm.call(_conv.call(input))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_norm, graph.Call(_conv, input)).Relu();
}
