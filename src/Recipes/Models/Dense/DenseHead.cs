using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A head for dense prediction: from the feature maps of an encoder to one map of predictions.</summary>
/// <remarks>Input maps <c>[B, Ci, Hi, Wi]</c>, finest first; output <c>[B, O, h, w]</c> at a resolution of the head's own.</remarks>
public abstract class DenseHead : Module<IReadOnlyList<Tensor>, Tensor>
{
    private protected DenseHead(string name)
        : base(name) { }

    /// <summary>What the head computes, in ONNX.</summary>
    /// <param name="graph">Where nodes and weights go.</param>
    /// <param name="maps">What it gets, finest first.</param>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, IReadOnlyList<OnnxValue> maps);

    /// <summary>Another resolution, bilinear between the middles of pixels.</summary>
    internal static Tensor Resize(Tensor map, long rows, long columns) =>
        map.shape[2] == rows && map.shape[3] == columns
            ? map
            : functional.interpolate(map, size: [rows, columns], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <summary>The resolution of another map.</summary>
    internal static Tensor ResizeLike(Tensor map, Tensor other) => Resize(map, other.shape[2], other.shape[3]);
}
