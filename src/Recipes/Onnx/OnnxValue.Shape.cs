using static TorchSharp.torch;

namespace Recipes.Onnx;

// What changes sides, and not values.
public sealed partial class OnnxValue
{
    /// <summary>The same elements in other sides. Sides that are known only when the graph runs stand for themselves.</summary>
    /// <param name="shape">Sides; at most one may be -1, which is what is left.</param>
    public OnnxValue Reshape(params OnnxDim[] shape)
    {
        bool Stays(int i) => i < Rank && shape[i] == Shape[i];
        var rest = Array.FindIndex(shape, d => d is { IsKnown: true, Size: -1 });
        var open = Enumerable.Range(0, shape.Length).Where(i => !shape[i].IsKnown && !Stays(i)).ToList();
        if (rest < 0 && open.Count > 0)
        {
            rest = open[^1];
            open.RemoveAt(open.Count - 1);
        }
        List<OnnxDim?> result = [.. shape.Select(d => d is { IsKnown: true, Size: -1 } ? Rest(shape) : (OnnxDim?)d)];
        var sizes =
            open.Count > 0
                ? Graph.Sizes([.. shape.Select((d, i) => i == rest ? -1 : d)])
                : Graph.Constant([
                    .. shape.Select(
                        (d, i) =>
                            i == rest ? -1
                            : d.IsKnown ? d.Size
                            : 0
                    ),
                ]);
        return Graph.Emit("Reshape", [this, sizes], Type, result);
    }

    /// <summary>One axis in place of several, from <paramref name="first"/> to the last or to <paramref name="last"/>.</summary>
    public OnnxValue Flatten(int first, int last = -1)
    {
        var end = Axis(last) + 1;
        return Reshape([.. Shape.Take(first), -1, .. Shape.Skip(end)]);
    }

    /// <summary>The axes in another order.</summary>
    public OnnxValue Permute(params int[] axes) =>
        Graph.Emit("Transpose", [this], Type, [.. axes.Select(a => Shape[a])], ("perm", axes.Select(a => (long)a).ToArray()));

    /// <summary>Two axes exchanged.</summary>
    public OnnxValue Transpose(int a, int b)
    {
        var axes = Enumerable.Range(0, Rank).ToArray();
        (axes[Axis(a)], axes[Axis(b)]) = (Axis(b), Axis(a));
        return Permute(axes);
    }

    /// <summary>With an axis of one element before this place.</summary>
    public OnnxValue Unsqueeze(int axis)
    {
        var at = axis < 0 ? axis + Rank + 1 : axis;
        return Graph.Emit("Unsqueeze", [this, Graph.Constant([at])], Type, [.. Shape.Take(at), 1, .. Shape.Skip(at)]);
    }

    /// <summary>Without an axis of one element.</summary>
    public OnnxValue Squeeze(int axis)
    {
        var at = Axis(axis);
        return Graph.Emit("Squeeze", [this, Graph.Constant([at])], Type, [.. Shape.Take(at), .. Shape.Skip(at + 1)]);
    }

    /// <summary>One place of an axis, which goes away.</summary>
    public OnnxValue Select(int axis, long index)
    {
        var at = Axis(axis);
        return Graph.Emit(
            "Gather",
            [this, Graph.Constant([index], scalar: true)],
            Type,
            [.. Shape.Take(at), .. Shape.Skip(at + 1)],
            ("axis", (long)at)
        );
    }

    /// <summary>Some places of an axis.</summary>
    public OnnxValue Narrow(int axis, long start, long length) =>
        Slice(axis, Graph.Constant([start]), Graph.Constant([start + length]), length);

    /// <summary>The last places of an axis: as many as another value's side has.</summary>
    public OnnxValue Last(int axis, OnnxDim length) => Slice(axis, Graph.Sizes([length]).Negate(), Graph.Constant([long.MaxValue]), length);

    /// <summary>An axis in equal parts.</summary>
    public IReadOnlyList<OnnxValue> Chunk(int count, int axis)
    {
        var at = Axis(axis);
        var part = Size(at) / count;
        List<OnnxDim> shape = [.. Shape.Take(at), part, .. Shape.Skip(at + 1)];
        var sizes = Graph.Constant([.. Enumerable.Repeat(part, count)]);
        return Graph.EmitMany("Split", [this, sizes], Type, [.. Enumerable.Repeat(shape, count)], ("axis", (long)at));
    }

    /// <summary>Repeated along axes of one element.</summary>
    public OnnxValue Expand(params OnnxDim[] shape) =>
        Graph.Emit("Expand", [this, Graph.Sizes(shape)], Type, [.. shape.Select(d => (OnnxDim?)d)]);

    /// <summary>Rows of an axis by their numbers (int64, any shape).</summary>
    public OnnxValue Gather(OnnxValue indices, int axis = 0) =>
        Graph.Emit("Gather", [this, indices], Type, [.. Shape.Take(axis), .. indices.Shape, .. Shape.Skip(axis + 1)], ("axis", (long)axis));

    /// <summary>Of each row of the batch <c>[B, T, …]</c> one place <c>[B, 1]</c>, int64: <c>[B, …]</c>.</summary>
    public OnnxValue PickRows(OnnxValue places) =>
        Graph.Emit("GatherND", [this, places], Type, [Shape[0], .. Shape.Skip(2)], ("batch_dims", 1L));

    /// <summary>Zeros behind the ends of axes.</summary>
    /// <param name="after">How many, of each axis.</param>
    public OnnxValue PadEnd(params long[] after)
    {
        if (after.All(n => n == 0))
            return this;
        var shape = Shape.Select((d, i) => after[i] == 0 ? d : (OnnxDim)(Size(i) + after[i]));
        return Graph.Emit("Pad", [this, Graph.Constant([.. after.Select(_ => 0L), .. after])], Type, [.. shape]);
    }

    /// <summary>Each element of the axis several times in a row.</summary>
    public OnnxValue Repeat(int axis, long times)
    {
        var at = Axis(axis);
        List<OnnxDim> wide = [.. Shape.Take(at + 1), times, .. Shape.Skip(at + 1)];
        return Unsqueeze(at + 1).Expand([.. wide]).Reshape([.. Shape.Take(at), Size(at) * times, .. Shape.Skip(at + 1)]);
    }

    private OnnxValue Negate() => Unary("Neg");

    private OnnxValue Slice(int axis, OnnxValue start, OnnxValue end, OnnxDim length)
    {
        var at = Axis(axis);
        return Graph.Emit("Slice", [this, start, end, Graph.Constant([at])], Type, [.. Shape.Take(at), length, .. Shape.Skip(at + 1)]);
    }

    // What -1 comes to, where all is known.
    private OnnxDim? Rest(OnnxDim[] target)
    {
        var known = target.Where(d => d is { IsKnown: true, Size: > 0 }).Aggregate(1L, (n, d) => n * d.Size);
        var symbols = target.Where(d => !d.IsKnown).ToList();
        var left = Shape.Where(d => !symbols.Remove(d)).ToList();
        return symbols.Count > 0 ? null
            : left.All(d => d.IsKnown) ? left.Aggregate(1L, (n, d) => n * d.Size) / known
            : left.Count(d => !d.IsKnown) == 1 && left.Aggregate(1L, (n, d) => d.IsKnown ? n * d.Size : n) == known
                ? left.Single(d => !d.IsKnown)
            : null;
    }
}
