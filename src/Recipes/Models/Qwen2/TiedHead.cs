using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// An output layer whose matrix is an embedding table. It shows the table as its own <c>weight</c> in the state, as PyTorch
/// does, but does not hold it: moving a module to another type or device replaces its parameters, and two holders would end
/// with two tables. Among all parameters of a model the table counts once, so that an optimizer takes one step with it.
/// </summary>
/// <remarks>Input <c>[…, D]</c>, output <c>[…, V]</c>.</remarks>
internal sealed class TiedHead(Func<Parameter> table) : Module<Tensor, Tensor>(nameof(TiedHead)), ICountedLayer, IOnnxLayer
{
    private bool _disposed;

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        recurse || _disposed ? [] : [("weight", table())];

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters(bool recurse = true) => [];

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        destination ??= [];
        destination[string.IsNullOrEmpty(prefix) ? "weight" : $"{prefix}.weight"] = table();
        return destination;
    }

    /// <inheritdoc/>
    public long WeightMacs(Tensor input) => input.numel() / input.shape[0] * table().shape[0];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.linear(input, table());

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => input.MatMul(graph.Weight("weight", table()).Transpose(0, 1));

    // The table is its owner's to dispose.
    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }
}
