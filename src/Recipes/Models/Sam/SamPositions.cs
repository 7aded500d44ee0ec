using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Places as sines and cosines of random frequencies, which the checkpoint holds (arXiv 2006.10739). Key positional_encoding_gaussian_matrix.
internal sealed class SamPositions : Module
{
    [ComponentName(Name = "positional_encoding_gaussian_matrix")]
    private readonly Tensor _frequencies;

    public SamPositions(long width)
        : base(nameof(SamPositions))
    {
        _frequencies = randn(2, width / 2).DetachFromDisposeScope();
        register_buffer("positional_encoding_gaussian_matrix", _frequencies);
        RegisterComponents();
    }

    /// <summary>Places <c>[..., 2]</c>, x and y as shares of the image's sides, to <c>[..., C]</c>.</summary>
    public Tensor Of(Tensor places)
    {
        using var scope = NewDisposeScope();
        var angles = (places * 2 - 1).matmul(_frequencies.to(places.dtype)) * (2 * Math.PI);
        return cat([angles.sin(), angles.cos()], -1).to(_frequencies.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The middles of a map's patches: <c>[1, C, h, w]</c>.</summary>
    public Tensor Grid(long height, long width)
    {
        using var scope = NewDisposeScope();
        var device = _frequencies.device;
        var y = (arange(height, dtype: ScalarType.Float32, device: device) + 0.5) / height;
        var x = (arange(width, dtype: ScalarType.Float32, device: device) + 0.5) / width;
        var places = stack([x.expand(height, width), y.unsqueeze(1).expand(height, width)], -1); // [h, w, 2]
        return Of(places).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Of"/> in ONNX.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue places)
    {
        var angles = (places * 2 - 1).MatMul(graph.Weight("positional_encoding_gaussian_matrix", _frequencies)) * (2 * Math.PI);
        return graph.Concat(-1, angles.Sin(), angles.Cos());
    }
}
