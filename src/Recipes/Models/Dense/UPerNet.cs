using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The head of <see cref="UPerNetSpec"/>.</summary>
/// <remarks>
/// Input maps <c>[B, Ci, Hi, Wi]</c>, output <c>[B, O, H0, W0]</c> at the finest level's resolution. Keys <c>neck</c>, <c>pooling</c>,
/// <c>lateral</c>, <c>smooth</c>, <c>fuse</c>, <c>classifier</c>. Batches of one picture cannot train it: the grid of 1 is normalised over
/// the batch.
/// </remarks>
public sealed class UPerNet : DenseHead
{
    [ComponentName(Name = "neck")]
    private readonly DenseNeck _neck;

    [ComponentName(Name = "pooling")]
    private readonly PyramidPooling _pooling;

    [ComponentName(Name = "lateral")]
    private readonly ModuleList<ConvUnit> _lateral;

    [ComponentName(Name = "smooth")]
    private readonly ModuleList<ConvUnit> _smooth;

    [ComponentName(Name = "fuse")]
    private readonly ConvUnit _fuse;

    [ComponentName(Name = "dropout")]
    private readonly Dropout2d _dropout;

    [ComponentName(Name = "classifier")]
    private readonly Module<Tensor, Tensor> _classifier;

    /// <summary>Builds the head.</summary>
    /// <param name="spec">Its widths.</param>
    /// <param name="maps">What it gets.</param>
    /// <param name="outputs">O.</param>
    public UPerNet(UPerNetSpec spec, IReadOnlyList<FeatureMap> maps, int outputs)
        : base(nameof(UPerNet))
    {
        var width = spec.Channels;
        _neck = new DenseNeck(maps);
        var levels = _neck.Maps;
        _pooling = new PyramidPooling(levels[^1].Channels, width, [.. spec.PoolScales]);
        _lateral = ModuleList([.. levels.SkipLast(1).Select(m => new ConvUnit(m.Channels, width, 1))]);
        _smooth = ModuleList([.. levels.SkipLast(1).Select(_ => new ConvUnit(width, width, 3))]);
        _fuse = new ConvUnit(levels.Count * width, width, 3);
        _dropout = Dropout2d(spec.Dropout);
        _classifier = new Layers.PointwiseConv(width, outputs, bias: true);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var levels = _neck.call(maps);
        var y = _pooling.call(levels[^1]);
        var outputs = new List<Tensor> { y };
        for (var i = levels.Count - 2; i >= 0; i--)
        {
            y = _lateral[i].call(levels[i]) + ResizeLike(y, levels[i]);
            outputs.Insert(0, _smooth[i].call(y));
        }
        var all = cat([.. outputs.Select(o => ResizeLike(o, levels[0]))], 1);
        return _classifier.call(_dropout.call(_fuse.call(all))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps)
    {
        var levels = graph.In(_neck, () => _neck.ToOnnx(graph, maps));
        var y = graph.Call(_pooling, levels[^1]);
        var outputs = new List<OnnxValue> { y };
        for (var i = levels.Count - 2; i >= 0; i--)
        {
            y = graph.Call(_lateral[i], levels[i]) + y.Resize(levels[i].Shape[2], levels[i].Shape[3]);
            outputs.Insert(0, graph.Call(_smooth[i], y));
        }
        var all = graph.Concat(1, [.. outputs.Select(o => o.Resize(levels[0].Shape[2], levels[0].Shape[3]))]);
        return graph.Call(_classifier, graph.Call(_fuse, all));
    }
}
