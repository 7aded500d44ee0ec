using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Two linear layers over the last axis. Keys lin1, lin2.
internal sealed class SamFeedForward : Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly Activation _activation;

    [ComponentName(Name = "lin1")]
    private readonly Linear _expand;

    [ComponentName(Name = "lin2")]
    private readonly Linear _project;

    public SamFeedForward(long width, long inner, Activation activation)
        : base(nameof(SamFeedForward))
    {
        _activation = activation;
        (_expand, _project) = (Linear(width, inner), Linear(inner, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var wide = _expand.call(input);
        using var active = _activation.Apply(wide);
        return _project.call(active);
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_project, _activation.Apply(graph.Call(_expand, input)));
}
