using Recipes.Onnx;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A network one level down, under the name by which a checkpoint holds it there.
internal sealed class NamedPart : Module<Tensor, Tensor>, IOnnxLayer
{
    // In a tuple, because the name is given and not the field's.
    private readonly (Module<Tensor, Tensor> Network, bool _) _part;

    public NamedPart(string name, Module<Tensor, Tensor> network)
        : base(nameof(NamedPart))
    {
        _part = (network, true);
        register_module(name, network);
    }

    public Module<Tensor, Tensor> Network => _part.Network;

    public override Tensor forward(Tensor input) => Network.call(input);

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(Network, input);
}
