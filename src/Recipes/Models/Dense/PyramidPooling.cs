using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Means over grids of several sizes beside the map itself (PSPNet, arXiv 1612.01105): [B, C, h, w] to [B, O, h, w].
internal sealed class PyramidPooling : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly IReadOnlyList<int> _scales;

    [ComponentName(Name = "scales")]
    private readonly ModuleList<ConvUnit> _units;

    [ComponentName(Name = "bottleneck")]
    private readonly ConvUnit _bottleneck;

    public PyramidPooling(int channels, int output, IReadOnlyList<int> scales)
        : base(nameof(PyramidPooling))
    {
        _scales = scales;
        _units = ModuleList([.. scales.Select(_ => new ConvUnit(channels, output, 1))]);
        _bottleneck = new ConvUnit(channels + scales.Count * output, output, 3);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pooled = _scales.Select((s, i) => DenseHead.ResizeLike(_units[i].call(functional.adaptive_avg_pool2d(input, s)), input));
        return _bottleneck.call(cat([input, .. pooled], 1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var (rows, columns) = (input.Shape[2], input.Shape[3]);
        var pooled = _scales.Select((s, i) => graph.Call(_units[i], input.MeanGrid(s)).Resize(rows, columns));
        return graph.Call(_bottleneck, graph.Concat(1, [input, .. pooled]));
    }
}
