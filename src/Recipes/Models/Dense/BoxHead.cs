using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The head of <see cref="BoxHeadSpec"/>.</summary>
/// <remarks>
/// Input maps <c>[B, Ci, Hi, Wi]</c>, output <c>[B, O, h, w]</c> with O = classes + 4: a logit for each class that a box has its centre here, and
/// the logarithms of the distances from the cell's middle to the box's left, top, right and bottom side, in cells. Keys <c>neck</c>, <c>levels</c>,
/// <c>layers</c>, <c>heat</c>, <c>sides</c>.
/// </remarks>
public sealed class BoxHead : DenseHead
{
    private const int Sides = 4;
    private const int BestStride = 4;
    private const double Prior = 0.01; // the share of cells that are centres, as the first guess (focal loss, arXiv 1708.02002)
    private readonly int _level;

    [ComponentName(Name = "neck")]
    private readonly DenseNeck _neck;

    [ComponentName(Name = "levels")]
    private readonly ModuleList<PointwiseConv> _levels;

    [ComponentName(Name = "layers")]
    private readonly Sequential _layers;

    [ComponentName(Name = "heat")]
    private readonly PointwiseConv _heat;

    [ComponentName(Name = "sides")]
    private readonly PointwiseConv _sides;

    /// <summary>Builds the head.</summary>
    /// <param name="spec">Its widths.</param>
    /// <param name="maps">What it gets.</param>
    /// <param name="outputs">O, classes + 4.</param>
    public BoxHead(BoxHeadSpec spec, IReadOnlyList<FeatureMap> maps, int outputs)
        : base(nameof(BoxHead))
    {
        _neck = new DenseNeck(maps);
        var levels = _neck.Maps.ToList();
        _level = levels.FindIndex(m => m.Stride >= BestStride);
        _levels = ModuleList([.. levels.Select(m => new PointwiseConv(m.Channels, spec.Channels, bias: true))]);
        _layers = Layers.Modules.Numbered(Enumerable.Range(0, spec.Layers).Select(_ => new ConvUnit(spec.Channels, spec.Channels, 3)));
        _heat = new PointwiseConv(spec.Channels, outputs - Sides, bias: true);
        _sides = new PointwiseConv(spec.Channels, Sides, bias: true);
        using (no_grad())
            _heat.get_parameter("bias")!.fill_(-Math.Log((1 - Prior) / Prior));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var levels = _neck.call(maps);
        var like = levels[_level];
        var sum = levels.Select((m, i) => ResizeLike(_levels[i].call(m), like)).Aggregate((a, b) => a + b);
        var features = _layers.call(sum);
        return cat([_heat.call(features), _sides.call(features)], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps)
    {
        var levels = graph.In(_neck, () => _neck.ToOnnx(graph, maps));
        var (rows, columns) = (levels[_level].Shape[2], levels[_level].Shape[3]);
        var sum = levels.Select((m, i) => graph.Call(_levels[i], m).Resize(rows, columns)).Aggregate((a, b) => a + b);
        var features = graph.Call(_layers, sum);
        return graph.Concat(1, graph.Call(_heat, features), graph.Call(_sides, features));
    }
}
