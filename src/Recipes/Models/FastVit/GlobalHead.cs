using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Spatial mean, then a projection to an embedding: [B, C, H, W] to [B, D].
internal sealed class GlobalHead : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "proj")]
    private readonly Parameter? _matrix;

    [ComponentName(Name = "global_pool")]
    private readonly Module<Tensor, Tensor>? _pool;

    [ComponentName(Name = "fc")]
    private readonly Linear? _linear;

    public GlobalHead(long channels, long width, bool bias)
        : base(nameof(GlobalHead))
    {
        if (bias)
            (_pool, _linear) = (new GlobalMean(), Linear(channels, width));
        else
            _matrix = Parameters.Normal(Math.Pow(channels, -0.5), channels, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        if (_linear is not null)
            return _linear.call(_pool!.call(input)).MoveToOuterDisposeScope();
        return input.mean([2, 3]).matmul(_matrix!).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var mean = input.Mean([2, 3]);
        return _linear is not null ? graph.Call(_linear, mean) : mean.MatMul(graph.Weight("proj", _matrix!));
    }

    private sealed class GlobalMean() : Module<Tensor, Tensor>(nameof(GlobalMean))
    {
        public override Tensor forward(Tensor input) => input.mean([2, 3]);
    }
}
