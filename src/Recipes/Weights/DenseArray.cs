using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>An array in memory, as files of numpy and PyTorch hold it: element type, shape and row-major bytes, little-endian.</summary>
public sealed class DenseArray : IEquatable<DenseArray>
{
    /// <summary>An array over these bytes, which are not copied.</summary>
    /// <param name="dtype">The element type, of whole bytes.</param>
    /// <param name="shape">The shape; empty for a scalar.</param>
    /// <param name="bytes">Its elements, row by row.</param>
    /// <exception cref="RecipesException">The bytes are not as many as the shape needs.</exception>
    public DenseArray(Dtype dtype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
    {
        (Dtype, Shape, Bytes) = (dtype, shape, bytes);
        if (Length(dtype, shape) != bytes.Length)
            throw new RecipesException(
                $"an array {this}: expected {Length(dtype, shape)} bytes, found {bytes.Length}. Give the shape that the bytes have."
            );
    }

    /// <summary>The element type.</summary>
    public Dtype Dtype { get; }

    /// <summary>The shape; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements, row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A copy of a tensor's values.</summary>
    /// <exception cref="RecipesException">The format has no such element type, or the tensor has 2 GiB and more.</exception>
    public static DenseArray Of(Tensor tensor)
    {
        var dtype =
            tensor.dtype.ToDtype() ?? throw new RecipesException($"a tensor of {tensor.dtype} cannot be stored; convert it to float32.");
        if (tensor.numel() * tensor.ElementSize > int.MaxValue)
            throw new RecipesException($"a tensor of {tensor.numel()} elements is too large for an array in memory; use safetensors.");
        var stream = new MemoryStream((int)(tensor.numel() * tensor.ElementSize));
        TensorBytes.WriteTo(stream, tensor);
        return new DenseArray(dtype, tensor.shape, stream.ToArray());
    }

    /// <summary>The values as a new tensor; the caller owns it.</summary>
    /// <exception cref="RecipesException">TorchSharp has no such element type.</exception>
    public Tensor ToTensor()
    {
        var type = Dtype.ToTorch() ?? throw new RecipesException($"TorchSharp has no tensors of {Dtype}; convert it where it was made.");
        var tensor = empty([.. Shape], dtype: type);
        using var flat = tensor.view(-1);
        if (!Bytes.IsEmpty)
            Bytes.Span.CopyTo(flat.bytes);
        return tensor;
    }

    /// <summary>Equal when type, shape and bytes are.</summary>
    public bool Equals(DenseArray? other) =>
        other is not null && Dtype == other.Dtype && Shape.SequenceEqual(other.Shape) && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DenseArray);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Dtype);
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Such as <c>F32 [4, 16]</c>.</summary>
    public override string ToString() => $"{Dtype} [{string.Join(", ", Shape)}]";

    /// <summary>The bytes that a shape needs; -1 where they are more than memory holds or a side is negative.</summary>
    internal static long Length(Dtype dtype, IReadOnlyList<long> shape)
    {
        if (shape.Any(s => s < 0))
            return -1;
        var bytes = (UInt128)(ulong)(dtype.Bits() / 8);
        foreach (var side in shape.Contains(0) ? [0] : shape)
        {
            bytes *= (ulong)side;
            if (bytes > int.MaxValue)
                return -1;
        }
        return (long)bytes;
    }
}
