using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Onnx;

/// <summary>
/// A graph that grows while layers describe themselves. Names of nodes begin with the path of the layer; weights keep their keys
/// of the state dict.
/// </summary>
public sealed partial class OnnxGraph : IDisposable
{
    private readonly Dictionary<Module, string> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<Tensor> _kept = [];
    private readonly List<string> _unknown = [];
    private readonly string _model;
    private string _path = "";

    /// <summary>An empty graph.</summary>
    /// <param name="root">The model whose parts are going to be called.</param>
    /// <param name="opset">Version of ONNX's operators.</param>
    /// <param name="name">What the model is called in errors; its own name when null.</param>
    public OnnxGraph(Module root, int opset, string? name = null)
    {
        (_model, Opset) = (name ?? root.GetName(), opset);
        _paths[root] = "";
        foreach (var (path, part) in root.named_modules())
            _paths.TryAdd(part, path);
    }

    /// <summary>Version of the operators.</summary>
    public int Opset { get; }

    /// <summary>Where the description is: the model and the path in it.</summary>
    public string Here => _path.Length == 0 ? _model : $"{_model}.{_path}";

    internal List<OnnxNode> Nodes { get; } = [];

    internal List<OnnxWeight> Weights { get; } = [];

    internal List<OnnxValue> Inputs { get; } = [];

    internal List<(string Name, OnnxValue Value)> Outputs { get; } = [];

    /// <summary>An input of the graph.</summary>
    public OnnxValue Input(string name, ScalarType type, params OnnxDim[] shape)
    {
        var value = Value(name, type, shape);
        Inputs.Add(value);
        return value;
    }

    /// <summary>What a part computes: its own description, or what is known of TorchSharp's layers.</summary>
    /// <param name="part">A part of the model.</param>
    /// <param name="input">What it gets.</param>
    public OnnxValue Call(Module part, OnnxValue input) =>
        In(
            part,
            () =>
            {
                if (part is IOnnxLayer layer)
                    return layer.ToOnnx(this, input);
                if (TorchLayers.Describe(this, part, input) is { } output)
                    return output;
                _unknown.Add($"{Here}: a {part.GetType().Name} has no meaning in ONNX; let it implement {nameof(IOnnxLayer)}");
                return input;
            }
        );

    /// <summary>A description at the place of a part.</summary>
    public T In<T>(Module part, Func<T> describe)
    {
        var before = _path;
        _path = _paths.TryGetValue(part, out var path) ? path : $"{before}.{part.GetName()}".TrimStart('.');
        try
        {
            return describe();
        }
        finally
        {
            _path = before;
        }
    }

    /// <summary>Describes everything, and says all layers that have no meaning in one error.</summary>
    internal void Build(Func<IReadOnlyList<(string Name, OnnxValue Value)>> describe)
    {
        try
        {
            foreach (var (name, value) in describe())
            {
                Nodes.Add(new OnnxNode("Identity", name, [value.Name], [name], []));
                Outputs.Add((name, value));
            }
        }
        catch (RecipesException) when (_unknown.Count > 0) { }
        RecipesException.ThrowIfAny($"{_model} cannot be exported to ONNX:", _unknown);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _kept)
            tensor.Dispose();
        _kept.Clear();
    }

    // Unique names: path/Op, path/Op_1, …
    private string Fresh(string op)
    {
        var name = _path.Length == 0 ? op : $"{_path}/{op}";
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, name, out var exists);
        return exists ? $"{name}_{++count}" : name;
    }
}
