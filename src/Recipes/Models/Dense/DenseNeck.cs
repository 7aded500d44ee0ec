using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Between an encoder and a head: several maps of rising strides, normalised. The one map of a vision transformer becomes a pyramid;
// maps of stages each get a fresh batch normalisation, as in FastViT's code for detection and segmentation.
internal sealed class DenseNeck : Module<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>
{
    [ComponentName(Name = "pyramid")]
    private readonly SimplePyramid? _pyramid;

    [ComponentName(Name = "norms")]
    private readonly ModuleList<BatchNorm2d>? _norms;

    public DenseNeck(IReadOnlyList<FeatureMap> maps)
        : base(nameof(DenseNeck))
    {
        if (maps.Count == 1)
            _pyramid = new SimplePyramid(maps[0]);
        else
            _norms = ModuleList([.. maps.Select(m => BatchNorm2d(m.Channels))]);
        Maps = _pyramid?.Maps ?? maps;
        RegisterComponents();
    }

    /// <summary>What it gives, finest first.</summary>
    public IReadOnlyList<FeatureMap> Maps { get; }

    public override IReadOnlyList<Tensor> forward(IReadOnlyList<Tensor> maps) =>
        _pyramid is not null ? _pyramid.call(maps[0]) : [.. maps.Zip(_norms!, (map, norm) => norm.call(map))];

    public IReadOnlyList<OnnxValue> ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps) =>
        _pyramid is not null ? _pyramid.ToOnnx(graph, maps[0]) : [.. maps.Zip(_norms!, (map, norm) => graph.Call(norm, map))];
}
