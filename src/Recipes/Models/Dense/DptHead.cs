using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The head of <see cref="DptSpec"/>.</summary>
/// <remarks>
/// Input four maps <c>[B, Ci, Hi, Wi]</c>, output <c>[B, O, h, w]</c> at a quarter of the finest level's stride, never finer than the image. Keys
/// <c>reassemble</c>, <c>project</c>, <c>fuse</c>, <c>head</c>.
/// </remarks>
public sealed class DptHead : DenseHead
{
    private readonly int _between;
    private readonly int _last;

    [ComponentName(Name = "reassemble")]
    private readonly ModuleList<Module<Tensor, Tensor>> _reassemble;

    [ComponentName(Name = "project")]
    private readonly ModuleList<Conv2d> _project;

    [ComponentName(Name = "fuse")]
    private readonly ModuleList<DptFusion> _fuse;

    [ComponentName(Name = "head")]
    private readonly Sequential _first;

    [ComponentName(Name = "output")]
    private readonly Sequential _output;

    /// <summary>Builds the head.</summary>
    /// <param name="spec">Its widths.</param>
    /// <param name="maps">What it gets: four, of one stride or of rising ones.</param>
    /// <param name="outputs">O.</param>
    /// <exception cref="RecipesException">There are not four maps, or they cannot be reassembled.</exception>
    public DptHead(DptSpec spec, IReadOnlyList<FeatureMap> maps, int outputs)
        : base(nameof(DptHead))
    {
        if (maps.Count != 4)
            throw new RecipesException(
                $"{nameof(DptHead)}: expected four maps, found {maps.Count}. Give it an encoder of four stages, or a ViT."
            );
        var (flat, width) = (maps[0].Stride == maps[3].Stride, spec.Channels);
        if (flat && maps[0].Stride % 4 != 0)
            throw new RecipesException($"{nameof(DptHead)}: expected patches of 4, 8 or 16 pixels, found {maps[0].Stride}.");
        _reassemble = ModuleList([
            .. maps.Select(
                (m, i) => flat ? Reassemble(m.Channels, spec.Reassemble[i], i) : (Module<Tensor, Tensor>)BatchNorm2d(m.Channels)
            ),
        ]);
        _project = ModuleList([
            .. maps.Select((m, i) => Conv2d(flat ? spec.Reassemble[i] : m.Channels, width, 3, padding: 1, bias: false)),
        ]);
        _fuse = ModuleList([.. maps.Select((_, i) => new DptFusion(width, joins: i < 3))]);
        _first = Sequential(("0", Conv2d(width, width / 2, 3, padding: 1)));
        var inner = Math.Min(32, width);
        _output = Sequential(
            ("0", Conv2d(width / 2, inner, 3, padding: 1)),
            ("1", ReLU()),
            ("2", new PointwiseConv(inner, outputs, bias: true))
        );
        var stride = flat ? maps[0].Stride / 4 : maps[0].Stride;
        _between = Math.Min(2, stride);
        _last = Math.Min(2, stride / _between);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var levels = maps.Select((m, i) => _project[i].call(_reassemble[i].call(m))).ToList();
        var y = _fuse[3].Fuse(levels[3], null);
        for (var i = 2; i >= 0; i--)
            y = _fuse[i].Fuse(ResizeLike(y, levels[i]), levels[i]);
        y = _first.call(Larger(y, _between));
        return _output.call(Larger(y, _last)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps)
    {
        var levels = maps.Select((m, i) => graph.Call(_project[i], graph.Call(_reassemble[i], m))).ToList();
        var y = _fuse[3].Fuse(graph, levels[3], null);
        for (var i = 2; i >= 0; i--)
            y = _fuse[i].Fuse(graph, y.Resize(levels[i].Shape[2], levels[i].Shape[3]), levels[i]);
        y = graph.Call(_first, Larger(y, _between));
        return graph.Call(_output, Larger(y, _last));
    }

    private static Tensor Larger(Tensor map, int times) => Resize(map, times * map.shape[2], times * map.shape[3]);

    private static OnnxValue Larger(OnnxValue map, int times) => times == 1 ? map : map.Resize(times * map.Size(2), times * map.Size(3));

    // From one stride P to P/4, P/2, P, 2P.
    private static Sequential Reassemble(long channels, long output, int level)
    {
        var project = ("0", (Module<Tensor, Tensor>)new PointwiseConv(channels, output, bias: true));
        return level switch
        {
            0 => Sequential(project, ("1", ConvTranspose2d(output, output, 4, 4))),
            1 => Sequential(project, ("1", ConvTranspose2d(output, output, 2, 2))),
            2 => Sequential(project),
            _ => Sequential(project, ("1", Conv2d(output, output, 3, 2, 1))),
        };
    }
}
