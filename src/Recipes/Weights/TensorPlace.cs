namespace Recipes.Weights;

/// <summary>Where a tensor's elements lie in a mapped file. Everything was checked against the file's length when it was made.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">The file's byte at which the tensor's first element begins.</param>
/// <param name="Strides">Elements from one index to the next in each dimension; null when row-major without holes.</param>
internal sealed record TensorPlace(MappedFile File, long Offset, IReadOnlyList<long>? Strides = null)
{
    /// <summary>Copies row-major bytes of the tensor, from byte <paramref name="at"/>, both at whole elements where strided.</summary>
    public void Fill(Entry entry, long at, Span<byte> to)
    {
        if (Strides is null)
            File.CopyTo(Offset + at, to);
        else if (!to.IsEmpty)
            Gather(entry, Strides, at, to);
    }

    // The innermost dimension is one loop; the outer ones count like an odometer.
    private unsafe void Gather(Entry entry, IReadOnlyList<long> strides, long at, Span<byte> to)
    {
        var size = entry.Dtype.Bits() / 8;
        var rank = entry.Shape.Count;
        var index = new long[rank];
        var rest = at / size;
        for (var d = rank - 1; d >= 0; d--)
            (rest, index[d]) = Math.DivRem(rest, entry.Shape[d]);
        var (inner, step) = (entry.Shape[rank - 1], strides[rank - 1] * size);
        var start = File.Acquire() + Offset;
        try
        {
            var written = 0;
            while (written < to.Length)
            {
                long element = 0;
                for (var d = 0; d < rank; d++)
                    element += index[d] * strides[d];
                var count = (int)Math.Min(inner - index[rank - 1], (to.Length - written) / size);
                Run(start + (element * size), step, size, to.Slice(written, count * size));
                written += count * size;
                index[rank - 1] = 0;
                for (var d = rank - 2; d >= 0 && ++index[d] == entry.Shape[d]; d--)
                    index[d] = 0;
            }
        }
        finally
        {
            File.Release();
        }
    }

    private static unsafe void Run(byte* from, long step, int size, Span<byte> to)
    {
        if (step == size)
        {
            new ReadOnlySpan<byte>(from, to.Length).CopyTo(to);
            return;
        }
        for (var i = 0; i < to.Length; i += size, from += step)
            new ReadOnlySpan<byte>(from, size).CopyTo(to[i..]);
    }
}
