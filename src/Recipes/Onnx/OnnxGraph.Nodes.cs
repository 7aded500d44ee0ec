using static TorchSharp.torch;

namespace Recipes.Onnx;

// Nodes, and the sides of what they put out.
public sealed partial class OnnxGraph
{
    private readonly Dictionary<string, (OnnxValue Value, int Axis)> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxValue> _sizes = new(StringComparer.Ordinal);

    /// <summary>Adds a node of ONNX's own domain with one output.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">Its inputs; null for an optional one left out.</param>
    /// <param name="type">Type of the output.</param>
    /// <param name="shape">Its sides; null where a side is known only when the graph runs.</param>
    /// <param name="attributes">Values are long, float, string, or long[].</param>
    public OnnxValue Emit(
        string op,
        IReadOnlyList<OnnxValue?> inputs,
        ScalarType type,
        IReadOnlyList<OnnxDim?> shape,
        params (string Name, object Value)[] attributes
    ) => Add(op, inputs, type, [shape], attributes)[0];

    internal OnnxValue Emit(
        string op,
        IReadOnlyList<OnnxValue?> inputs,
        ScalarType type,
        IReadOnlyList<OnnxDim> shape,
        params (string Name, object Value)[] attributes
    ) => Emit(op, inputs, type, [.. shape.Select(d => (OnnxDim?)d)], attributes);

    internal IReadOnlyList<OnnxValue> EmitMany(
        string op,
        IReadOnlyList<OnnxValue?> inputs,
        ScalarType type,
        IReadOnlyList<IReadOnlyList<OnnxDim>> shapes,
        params (string Name, object Value)[] attributes
    ) => Add(op, inputs, type, [.. shapes.Select(s => s.Select(d => (OnnxDim?)d).ToList())], attributes);

    internal OnnxValue Elementwise(string op, OnnxValue a, OnnxValue b, ScalarType? type = null) =>
        Emit(op, [a, b], type ?? a.Type, BroadcastShape(a.Shape, b.Shape));

    internal IReadOnlyList<OnnxDim> BroadcastShape(IReadOnlyList<OnnxDim> a, IReadOnlyList<OnnxDim> b)
    {
        var rank = Math.Max(a.Count, b.Count);
        OnnxDim At(IReadOnlyList<OnnxDim> shape, int i) => i < rank - shape.Count ? 1 : shape[i - (rank - shape.Count)];
        var shape = Enumerable.Range(0, rank).Select(i => OnnxDim.Broadcast(At(a, i), At(b, i))).ToList();
        for (var i = 0; i < rank; i++)
        {
            var (x, y) = (At(a, i), At(b, i));
            if (x.IsKnown && y.IsKnown && x != y && x.Size != 1 && y.Size != 1)
                throw new RecipesException(
                    $"{Here}: [{string.Join(", ", a)}] and [{string.Join(", ", b)}] do not broadcast. Check the layer's ToOnnx against its forward."
                );
        }
        return shape;
    }

    /// <summary>Sides as an int64 vector: a constant where all are numbers, else put together when the graph runs.</summary>
    internal OnnxValue Sizes(IReadOnlyList<OnnxDim> shape)
    {
        if (shape.All(d => d.IsKnown))
            return Constant([.. shape.Select(d => d.Size)]);
        var parts = shape.Select(d => d.Symbol is { } symbol ? SizeOf(symbol) : Constant([d.Size])).ToList();
        return parts.Count == 1 ? parts[0] : Concat(0, [.. parts]);
    }

    /// <summary>Values behind each other along an axis.</summary>
    public OnnxValue Concat(int axis, params OnnxValue[] parts)
    {
        var at = parts[0].Axis(axis);
        var sides = parts.Select(p => p.Shape[at]).ToList();
        OnnxDim? sum = sides.All(d => d.IsKnown) ? sides.Sum(d => d.Size) : null;
        var shape = Enumerable
            .Range(0, parts[0].Rank)
            .Select(i => i == at ? sum : (OnnxDim?)parts.Select(p => p.Shape[i]).OrderBy(d => d.IsKnown ? 0 : 1).First());
        return Emit("Concat", parts, parts[0].Type, [.. shape], ("axis", (long)at));
    }

    /// <summary>The whole numbers below a side, int64.</summary>
    public OnnxValue Range(OnnxDim end) =>
        Emit("Range", [Constant([0], scalar: true), Sizes([end]).Squeeze(0), Constant([1], scalar: true)], ScalarType.Int64, [end]);

    // A named side, read off the first value that had it.
    private OnnxValue SizeOf(string symbol)
    {
        if (_sizes.TryGetValue(symbol, out var known))
            return known;
        var (value, axis) = _places[symbol];
        var shape = Emit("Shape", [value], ScalarType.Int64, (OnnxDim?[])[value.Rank]);
        return _sizes[symbol] = Emit("Gather", [shape, Constant([axis])], ScalarType.Int64, (OnnxDim?[])[1], ("axis", 0L));
    }

    private List<OnnxValue> Add(
        string op,
        IReadOnlyList<OnnxValue?> inputs,
        ScalarType type,
        IReadOnlyList<IReadOnlyList<OnnxDim?>> shapes,
        (string Name, object Value)[] attributes
    )
    {
        var name = Fresh(op);
        var outputs = shapes.Select((s, i) => Output(shapes.Count == 1 ? name : $"{name}:{i}", type, s)).ToList();
        Nodes.Add(new OnnxNode(op, name, [.. inputs.Select(v => v?.Name ?? "")], [.. outputs.Select(v => v.Name)], attributes));
        return outputs;
    }

    // Sides that nothing tells get names of their own.
    private OnnxValue Output(string name, ScalarType type, IReadOnlyList<OnnxDim?> shape) =>
        Value(name, type, [.. shape.Select((d, axis) => d ?? OnnxDim.Named($"{name}.{axis}"))]);

    // The first value that has a named side is where it is read off.
    private OnnxValue Value(string name, ScalarType type, OnnxDim[] shape)
    {
        var value = new OnnxValue(this, name, type, shape);
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis].Symbol is { } symbol)
                _places.TryAdd(symbol, (value, axis));
        }
        return value;
    }
}
