namespace Recipes.Weights;

/// <summary>What a file says of one tensor, and where it lies.</summary>
/// <param name="Name">The tensor's key.</param>
/// <param name="Dtype">Its element type.</param>
/// <param name="Shape">Its shape, row-major; empty for a scalar.</param>
/// <param name="Offset">Bytes to its first element: in safetensors from the beginning of the data part (which follows the header), in PyTorch's files from the file's beginning.</param>
/// <param name="Length">Its bytes, row-major and without holes.</param>
public sealed record Entry(string Name, Dtype Dtype, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>Such as <c>conv1.weight F32 [8, 1, 3, 3]</c>.</summary>
    public override string ToString() => $"{Name} {Dtype} [{string.Join(", ", Shape)}]";
}
