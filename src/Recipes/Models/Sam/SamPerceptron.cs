using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Three linear layers with ReLU between them: [B, C] to [B, O]. Keys layers.0 to layers.2.
internal sealed class SamPerceptron : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "layers")]
    private readonly ModuleList<Linear> _layers;

    public SamPerceptron(long width, long output)
        : base(nameof(SamPerceptron))
    {
        _layers = new ModuleList<Linear>([Linear(width, width), Linear(width, width), Linear(width, output)]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(_layers[0].call(input));
        x = functional.relu(_layers[1].call(x));
        return _layers[2].call(x).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.Call(_layers[2], graph.Call(_layers[1], graph.Call(_layers[0], input).Relu()).Relu());
}
