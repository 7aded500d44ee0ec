using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// RefineNet's fusion as DPT has it: what comes from below plus a refined level, refined, and a 1x1 convolution: maps [B, C, h, w].
internal sealed class DptFusion : Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "level")]
    private readonly Refinement? _level;

    [ComponentName(Name = "sum")]
    private readonly Refinement _sum;

    [ComponentName(Name = "out")]
    private readonly PointwiseConv _out;

    public DptFusion(long channels, bool joins)
        : base(nameof(DptFusion))
    {
        _level = joins ? new Refinement(channels) : null;
        _sum = new Refinement(channels);
        _out = new PointwiseConv(channels, channels, bias: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor below, Tensor level) => Fuse(below, level);

    public Tensor Fuse(Tensor below, Tensor? level)
    {
        using var scope = NewDisposeScope();
        var sum = _level is null || level is null ? below : below + _level.call(level);
        return _out.call(_sum.call(sum)).MoveToOuterDisposeScope();
    }

    public OnnxValue Fuse(OnnxGraph graph, OnnxValue below, OnnxValue? level)
    {
        var sum = _level is null || level is null ? below : below + graph.Call(_level, level);
        return graph.Call(_out, graph.Call(_sum, sum));
    }

    // x + conv(relu(conv(relu(x)))).
    private sealed class Refinement : Module<Tensor, Tensor>, IOnnxLayer
    {
        [ComponentName(Name = "conv1")]
        private readonly Conv2d _first;

        [ComponentName(Name = "conv2")]
        private readonly Conv2d _second;

        public Refinement(long channels)
            : base(nameof(Refinement))
        {
            _first = Conv2d(channels, channels, 3, padding: 1);
            _second = Conv2d(channels, channels, 3, padding: 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var inner = functional.relu(_first.call(functional.relu(input)));
            return (input + _second.call(inner)).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => input + graph.Call(_second, graph.Call(_first, input.Relu()).Relu());
    }
}
