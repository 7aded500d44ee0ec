namespace Recipes.Weights;

/// <summary>A tensor of a checkpoint: a view of a storage that several tensors may share. Its values stay in the file.</summary>
public sealed class PyTorchTensor
{
    private PyTorchTensor(PyTorchStorage storage, Dtype dtype, long[] shape, long[] strides, long offset) =>
        (Storage, Dtype, Shape, Strides, Offset) = (storage, dtype, shape, strides, offset);

    /// <summary>The element type.</summary>
    public Dtype Dtype { get; }

    /// <summary>The shape; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Elements from one index to the next, for each dimension.</summary>
    public IReadOnlyList<long> Strides { get; }

    /// <summary>Elements of the storage before the first one.</summary>
    public long Offset { get; }

    internal PyTorchStorage Storage { get; }

    /// <summary>Bytes of the values, row-major and without holes.</summary>
    internal long Length => Shape.Aggregate(Dtype.Bits() / 8L, (bytes, size) => bytes * size);

    /// <summary>The elements lie one after another, the last dimension fastest.</summary>
    internal bool IsRowMajor
    {
        get
        {
            if (Shape.Contains(0))
                return true;
            long expected = 1;
            for (var d = Shape.Count - 1; d >= 0; d--)
            {
                if (Shape[d] != 1 && Strides[d] != expected)
                    return false;
                expected *= Shape[d];
            }
            return true;
        }
    }

    internal TensorPlace Source() => new(Storage.File, Storage.Start + (Offset * (Dtype.Bits() / 8L)), IsRowMajor ? null : Strides);

    /// <summary>Checks that every element lies inside the storage; says what is wrong, or null.</summary>
    internal static string? TryCreate(
        PyTorchStorage storage,
        Dtype dtype,
        long[] shape,
        long[] strides,
        long offset,
        out PyTorchTensor? tensor
    )
    {
        tensor = null;
        var text = $"a tensor {dtype} [{string.Join(", ", shape.Take(8))}] of the storage {storage.Key}";
        if (shape.Length != strides.Length || shape.Length > SafetensorsHeader.MaxRank)
            return $"{text} has {shape.Length} sizes and {strides.Length} strides, expected as many of both, at most {SafetensorsHeader.MaxRank}";
        if (offset < 0 || shape.Any(s => s < 0) || strides.Any(s => s < 0))
            return $"{text} has a negative size, stride or offset";
        // The count is bounded at each step, so at most 64 sizes above 1 add products below 2^126: 128 bits could overflow
        // only after four of them, and by then the count is out of bounds.
        var last = (UInt128)(ulong)offset;
        var count = UInt128.One;
        foreach (var (size, stride) in shape.Zip(strides).Where(_ => !shape.Contains(0)))
        {
            last += (UInt128)(ulong)(size - 1) * (ulong)stride;
            count *= (ulong)size;
            if (count > long.MaxValue / 16)
                return $"{text} is larger than any memory";
        }
        var held = (UInt128)(ulong)(storage.Bytes / (dtype.Bits() / 8));
        if (shape.Contains(0) ? last > held : last >= held)
            return $"{text} ends at element {last}, outside the storage's {held}";
        tensor = new PyTorchTensor(storage, dtype, shape, strides, offset);
        return null;
    }

    /// <summary>Such as <c>F32 [8, 3]</c>.</summary>
    public override string ToString() => $"{Dtype} [{string.Join(", ", Shape)}]";
}

/// <summary>A run of elements in the file. Where it starts is known at once in a zip archive, at the end in a legacy file.</summary>
internal sealed class PyTorchStorage(MappedFile file, string key, Dtype? dtype, long bytes, PyTorchStorage? root = null, long inRoot = 0)
{
    private long? _start;

    public MappedFile File => file;

    public string Key => key;

    /// <summary>The element type; null for raw bytes.</summary>
    public Dtype? Dtype => dtype;

    public long Bytes => bytes;

    public long Start
    {
        get => root is null ? _start!.Value : root.Start + inRoot;
        set => _start = value;
    }

    public bool IsPlaced => root?.IsPlaced ?? _start is not null;
}
