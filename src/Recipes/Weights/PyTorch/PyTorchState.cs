namespace Recipes.Weights;

/// <summary>The state dict of a checkpoint.</summary>
internal sealed class PyTorchState : WeightsFile
{
    private readonly PyTorchFile _file;
    private readonly Dictionary<string, TensorPlace> _sources;

    public PyTorchState(PyTorchFile file, ResolvedState found)
        : base(file.Path, [.. found.Tensors.Select(t => Entry(t.Key, t.Value))])
    {
        (_file, Notes) = (file, found.Notes);
        _sources = found.Tensors.ToDictionary(t => t.Key, t => t.Value.Source(), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string Format => _file.Format;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    internal override TensorPlace Source(Entry entry) => _sources[entry.Name];

    private static Entry Entry(string name, PyTorchTensor tensor) =>
        new(name, tensor.Dtype, tensor.Shape, tensor.Source().Offset, tensor.Length);

    /// <inheritdoc/>
    private protected override void Dispose(bool disposing) => _file.Dispose();
}
