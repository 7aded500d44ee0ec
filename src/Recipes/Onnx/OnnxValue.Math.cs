using static TorchSharp.torch;

namespace Recipes.Onnx;

// Elementwise functions, products and reductions.
public sealed partial class OnnxValue
{
    /// <summary>max(x, 0).</summary>
    public OnnxValue Relu() => Unary("Relu");

    /// <summary>1 / (1 + exp(-x)).</summary>
    public OnnxValue Sigmoid() => Unary("Sigmoid");

    /// <summary>x · sigmoid(x).</summary>
    public OnnxValue Silu() => this * Sigmoid();

    /// <summary>The exact GELU, x · Φ(x), in the form that runtimes recognise (opsets before 20 have no operator for it).</summary>
    public OnnxValue Gelu() => this * ((this / Math.Sqrt(2)).Unary("Erf") + 1) * 0.5;

    /// <summary>Sine.</summary>
    public OnnxValue Sin() => Unary("Sin");

    /// <summary>Cosine.</summary>
    public OnnxValue Cos() => Unary("Cos");

    /// <summary>Square root.</summary>
    public OnnxValue Sqrt() => Unary("Sqrt");

    /// <summary>x², by the operator that runtimes look for in norms.</summary>
    public OnnxValue Square() => Graph.Elementwise("Pow", this, Graph.Scalar(2, Type));

    /// <summary>Divided by its length over an axis.</summary>
    public OnnxValue Normalized(int axis = -1) => this / Reduce("ReduceL2", [axis], true).Max(Graph.Scalar(1e-12, Type));

    /// <summary>Softmax over an axis.</summary>
    public OnnxValue Softmax(int axis = -1) => Graph.Emit("Softmax", [this], Type, Shape, ("axis", (long)axis));

    /// <summary>Matrix product of the last two axes; the others broadcast.</summary>
    public OnnxValue MatMul(OnnxValue other)
    {
        List<OnnxDim> shape = [.. Graph.BroadcastShape([.. Shape.SkipLast(2)], [.. other.Shape.SkipLast(2)])];
        if (Dim(-1).IsKnown && other.Dim(-2).IsKnown && Dim(-1) != other.Dim(-2))
            throw new RecipesException(
                $"{Graph.Here}: [{string.Join(", ", Shape)}] and [{string.Join(", ", other.Shape)}] do not multiply. Check the layer's ToOnnx against its forward."
            );
        return Graph.Emit("MatMul", [this, other], Type, [.. shape, Dim(-2), other.Dim(-1)]);
    }

    /// <summary>Mean over axes.</summary>
    public OnnxValue Mean(int[] axes, bool keepDims = false) => Reduce("ReduceMean", axes, keepDims);

    /// <summary>Index of the largest element of the last axis, int64, that axis kept with one element.</summary>
    public OnnxValue ArgMax() => Graph.Emit("ArgMax", [this], ScalarType.Int64, [.. Shape.SkipLast(1), 1], ("axis", -1L), ("keepdims", 1L));

    /// <summary>Running sum over an axis.</summary>
    public OnnxValue CumSum(int axis) => Graph.Emit("CumSum", [this, Graph.Constant([Axis(axis)], scalar: true)], Type, Shape);

    /// <summary>The same values as another type.</summary>
    public OnnxValue To(ScalarType type) => type == Type ? this : Graph.Emit("Cast", [this], type, Shape, ("to", (long)type.Number()));

    /// <summary>Whether elements are equal, bool.</summary>
    public OnnxValue Equal(OnnxValue other) => Graph.Elementwise("Equal", this, other, ScalarType.Bool);

    /// <summary>Whether elements are at most the other's, bool.</summary>
    public OnnxValue AtMost(OnnxValue other) => Graph.Elementwise("LessOrEqual", this, other, ScalarType.Bool);

    /// <summary>Both, of bools.</summary>
    public OnnxValue And(OnnxValue other) => Graph.Elementwise("And", this, other);

    /// <summary>Either, of bools.</summary>
    public OnnxValue Or(OnnxValue other) => Graph.Elementwise("Or", this, other);

    /// <summary>The larger of both.</summary>
    public OnnxValue Max(OnnxValue other) => Graph.Elementwise("Max", this, other);

    /// <summary>Where this bool holds the first, else the second; all three broadcast.</summary>
    public OnnxValue Where(OnnxValue yes, OnnxValue no)
    {
        var shape = Graph.BroadcastShape(Shape, Graph.BroadcastShape(yes.Shape, no.Shape));
        return Graph.Emit("Where", [this, yes, no], yes.Type, shape);
    }

    private OnnxValue Unary(string op) => Graph.Emit(op, [this], Type, Shape);

    private OnnxValue Reduce(string op, int[] axes, bool keepDims)
    {
        var over = axes.Select(Axis).ToHashSet();
        var shape = Shape.Select((d, i) => over.Contains(i) ? (OnnxDim)1 : d).Where((_, i) => keepDims || !over.Contains(i));
        return Graph.Emit(
            op,
            [this],
            Type,
            [.. shape],
            ("axes", over.Order().Select(a => (long)a).ToArray()),
            ("keepdims", keepDims ? 1L : 0L)
        );
    }
}
