using static TorchSharp.torch;

namespace Recipes.Onnx;

/// <summary>A tensor of a graph. Methods and operators add nodes; they are named as torch names them.</summary>
public sealed partial class OnnxValue
{
    internal OnnxValue(OnnxGraph graph, string name, ScalarType type, IReadOnlyList<OnnxDim> shape) =>
        (Graph, Name, Type, Shape) = (graph, name, type, shape);

    /// <summary>The graph that it stands in.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Unique in the graph.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public ScalarType Type { get; }

    /// <summary>Its sides.</summary>
    public IReadOnlyList<OnnxDim> Shape { get; }

    /// <summary>Number of sides.</summary>
    public int Rank => Shape.Count;

    /// <summary>A side; negative numbers count from the end.</summary>
    public OnnxDim Dim(int axis) => Shape[Axis(axis)];

    /// <summary>A side that must be a number.</summary>
    /// <exception cref="RecipesException">It is known only when the graph runs.</exception>
    public long Size(int axis) =>
        Dim(axis) is { IsKnown: true } known
            ? known.Size
            : throw new OnnxDynamicException(
                $"{Graph.Here}: needs to know side {Axis(axis)} of [{string.Join(", ", Shape)}] when it is exported, so that axis cannot be dynamic. Export it with a fixed size."
            );

    /// <summary>The same value, of one side of which more is known than the graph could tell.</summary>
    public OnnxValue WithDim(int axis, OnnxDim dim) => new(Graph, Name, Type, [.. Shape.Select((d, i) => i == Axis(axis) ? dim : d)]);

    /// <summary>Sum, broadcast.</summary>
    public static OnnxValue operator +(OnnxValue a, OnnxValue b) => a.Graph.Elementwise("Add", a, b);

    /// <summary>Difference, broadcast.</summary>
    public static OnnxValue operator -(OnnxValue a, OnnxValue b) => a.Graph.Elementwise("Sub", a, b);

    /// <summary>Product of elements, broadcast.</summary>
    public static OnnxValue operator *(OnnxValue a, OnnxValue b) => a.Graph.Elementwise("Mul", a, b);

    /// <summary>Quotient, broadcast.</summary>
    public static OnnxValue operator /(OnnxValue a, OnnxValue b) => a.Graph.Elementwise("Div", a, b);

    /// <summary>Sum with a number.</summary>
    public static OnnxValue operator +(OnnxValue a, double b) => a + a.Graph.Scalar(b, a.Type);

    /// <summary>Difference with a number.</summary>
    public static OnnxValue operator -(OnnxValue a, double b) => a - a.Graph.Scalar(b, a.Type);

    /// <summary>Product with a number.</summary>
    public static OnnxValue operator *(OnnxValue a, double b) => a * a.Graph.Scalar(b, a.Type);

    /// <summary>Quotient by a number.</summary>
    public static OnnxValue operator /(OnnxValue a, double b) => a / a.Graph.Scalar(b, a.Type);

    /// <summary>Name, type and sides.</summary>
    public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Shape)}]";

    internal int Axis(int axis) => axis < 0 ? axis + Rank : axis;
}
