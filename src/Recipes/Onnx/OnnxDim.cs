namespace Recipes.Onnx;

/// <summary>One side of a tensor in a graph: a number, or a name for one that is known only when the graph runs.</summary>
/// <param name="Size">The number; -1 for a named one.</param>
/// <param name="Symbol">The name, such as <c>batch</c>; null for a number.</param>
public readonly record struct OnnxDim(long Size, string? Symbol)
{
    /// <summary>Whether it is a number.</summary>
    public bool IsKnown => Symbol is null;

    /// <summary>A named side.</summary>
    public static OnnxDim Named(string symbol) => new(-1, symbol);

    /// <summary>A number.</summary>
    public static implicit operator OnnxDim(long size) => new(size, null);

    /// <summary>The number or the name.</summary>
    public override string ToString() => Symbol ?? Size.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The side of what two tensors broadcast to.</summary>
    internal static OnnxDim Broadcast(OnnxDim a, OnnxDim b) =>
        a.Size == 1 ? b
        : b.Size == 1 || !b.IsKnown ? a
        : b;
}
