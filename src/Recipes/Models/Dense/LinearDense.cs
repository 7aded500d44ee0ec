using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The head of <see cref="LinearDenseSpec"/>.</summary>
/// <remarks>
/// Input maps <c>[B, Ci, Hi, Wi]</c>, output <c>[B, O, H0, W0]</c> at the finest map's resolution: the sum of a linear layer of each map,
/// which is one linear layer of all maps at that resolution, because bilinear resizing is linear too. Keys <c>norms</c>, <c>linear</c>.
/// </remarks>
public sealed class LinearDense : DenseHead
{
    [ComponentName(Name = "norms")]
    private readonly ModuleList<BatchNorm2d> _norms;

    [ComponentName(Name = "linear")]
    private readonly ModuleList<PointwiseConv> _linear;

    /// <summary>Builds the head.</summary>
    /// <param name="maps">What it gets.</param>
    /// <param name="outputs">O.</param>
    public LinearDense(IReadOnlyList<FeatureMap> maps, int outputs)
        : base(nameof(LinearDense))
    {
        _norms = ModuleList([.. maps.Select(m => BatchNorm2d(m.Channels))]);
        _linear = ModuleList([.. maps.Select((m, i) => new PointwiseConv(m.Channels, outputs, bias: i == 0))]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var sum = _linear[0].call(_norms[0].call(maps[0]));
        for (var i = 1; i < maps.Count; i++)
            sum = sum + ResizeLike(_linear[i].call(_norms[i].call(maps[i])), sum);
        return sum.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps)
    {
        var sum = graph.Call(_linear[0], graph.Call(_norms[0], maps[0]));
        for (var i = 1; i < maps.Count; i++)
            sum += graph.Call(_linear[i], graph.Call(_norms[i], maps[i])).Resize(sum.Shape[2], sum.Shape[3]);
        return sum;
    }
}
