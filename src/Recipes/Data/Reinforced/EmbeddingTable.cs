using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Data;

/// <summary>
/// Embeddings of one sample, a row for each augmentation or caption, the teachers' parts one after another. Kept as they were
/// stored, as bfloat16 or float32: one block of bytes, however many rows.
/// </summary>
public sealed class EmbeddingTable : IEquatable<EmbeddingTable>
{
    private readonly ReadOnlyMemory<byte> _bytes;

    private EmbeddingTable(ReadOnlyMemory<byte> bytes, int rows, int width, bool half) =>
        (_bytes, Rows, Width, IsBfloat16) = (bytes, rows, width, half);

    /// <summary>How many.</summary>
    public int Rows { get; }

    /// <summary>Numbers in a row.</summary>
    public int Width { get; }

    /// <summary>Stored as bfloat16; else as float32.</summary>
    public bool IsBfloat16 { get; }

    /// <summary>Bytes in memory.</summary>
    public int Length => _bytes.Length;

    /// <summary>A table of float32 numbers, copied.</summary>
    /// <param name="values"><c>[rows, width]</c>.</param>
    /// <param name="width">Numbers in a row.</param>
    /// <exception cref="RecipesException">They do not fill whole rows.</exception>
    public static EmbeddingTable Of(ReadOnlySpan<float> values, int width)
    {
        if (width < 1 || values.Length % width != 0)
            throw new RecipesException($"embeddings of width {width}: {values.Length} numbers do not fill whole rows.");
        return new EmbeddingTable(MemoryMarshal.AsBytes(values).ToArray(), values.Length / width, width, half: false);
    }

    /// <summary>A table of a tensor's values: bfloat16 as they are, other types as float32.</summary>
    /// <param name="values"><c>[rows, width]</c>, on any device.</param>
    /// <exception cref="RecipesException">It has no two dimensions.</exception>
    public static EmbeddingTable Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        var kept = values.dtype == ScalarType.BFloat16 ? values : values.to(ScalarType.Float32);
        return Of(DenseArray.Of(kept), out var table) is { } problem ? throw new RecipesException($"embeddings: {problem}.") : table!;
    }

    /// <summary>Copies a row as float32.</summary>
    /// <param name="row">Which.</param>
    /// <param name="to">Receives <see cref="Width"/> numbers, or as many as it holds.</param>
    public void Row(int row, Span<float> to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        var count = Math.Min(Width, to.Length);
        var bytes = _bytes.Span.Slice(row * Width * Size, count * Size);
        if (IsBfloat16)
            Widen(MemoryMarshal.Cast<byte, ushort>(bytes), to[..count]);
        else
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(to);
    }

    /// <summary>A row as float32.</summary>
    public float[] Row(int row)
    {
        var values = new float[Width];
        Row(row, values);
        return values;
    }

    /// <summary>Some rows, without a copy.</summary>
    public EmbeddingTable Slice(int first, int count) =>
        new(_bytes.Slice(first * Width * Size, count * Width * Size), count, Width, IsBfloat16);

    /// <summary>One table under another; both of one width.</summary>
    public EmbeddingTable Append(EmbeddingTable below)
    {
        if (below.Width != Width)
            throw new RecipesException($"embeddings of width {Width} and {below.Width} are no one table.");
        var (a, b) = IsBfloat16 == below.IsBfloat16 ? (this, below) : (ToFloat32(), below.ToFloat32());
        return new EmbeddingTable((byte[])[.. a._bytes.Span, .. b._bytes.Span], Rows + below.Rows, Width, a.IsBfloat16);
    }

    /// <summary>As float32.</summary>
    public EmbeddingTable ToFloat32()
    {
        if (!IsBfloat16)
            return this;
        var values = new float[Rows * Width];
        Widen(MemoryMarshal.Cast<byte, ushort>(_bytes.Span), values);
        return Of(values, Width);
    }

    /// <summary>As bfloat16, rounded to the nearest, halves to even.</summary>
    public EmbeddingTable ToBfloat16()
    {
        if (IsBfloat16)
            return this;
        var bytes = new byte[2 * Rows * Width];
        var values = MemoryMarshal.Cast<byte, uint>(_bytes.Span);
        for (var i = 0; i < values.Length; i++)
        {
            var bits = values[i];
            var rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : bits + 0x7fff + (bits >> 16 & 1) >> 16;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)rounded);
        }
        return new EmbeddingTable(bytes, Rows, Width, half: true);
    }

    /// <summary>The values as a tensor <c>[rows, width]</c>, bfloat16 or float32; the caller owns it.</summary>
    public Tensor ToTensor() => ToDense().ToTensor();

    /// <summary>Equal when shape, type and bits are.</summary>
    public bool Equals(EmbeddingTable? other) =>
        other is not null
        && (Rows, Width, IsBfloat16) == (other.Rows, other.Width, other.IsBfloat16)
        && _bytes.Span.SequenceEqual(other._bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EmbeddingTable);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Such as <c>4 embeddings of 1536, bfloat16</c>.</summary>
    public override string ToString() => $"{Rows} embeddings of {Width}, {(IsBfloat16 ? "bfloat16" : "float32")}";

    /// <summary>A table over an array that was read; says what is wrong, or null.</summary>
    internal static string? Of(DenseArray array, out EmbeddingTable? table)
    {
        table = null;
        if (array.Shape.Count != 2 || array.Shape[1] < 1)
            return $"expected an array [rows, width], found {array}";
        var (rows, width) = ((int)array.Shape[0], (int)array.Shape[1]);
        var bytes = array.Bytes.Span;
        switch (array.Dtype)
        {
            case Dtype.F32 or Dtype.BF16:
                table = new EmbeddingTable(array.Bytes, rows, width, array.Dtype == Dtype.BF16);
                return null;
            case Dtype.F16:
                table = Of(Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), v => (float)v), width);
                return null;
            case Dtype.F64:
                table = Of(Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), v => (float)v), width);
                return null;
            default:
                return $"expected floating-point numbers, found {array}";
        }
    }

    internal DenseArray ToDense() => new(IsBfloat16 ? Dtype.BF16 : Dtype.F32, [Rows, Width], _bytes);

    private int Size => IsBfloat16 ? 2 : 4;

    private static void Widen(ReadOnlySpan<ushort> from, Span<float> to)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= from.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
            {
                var (low, high) = Vector256.Widen(Vector256.Create(from.Slice(i, Vector256<ushort>.Count)));
                (low << 16).AsSingle().CopyTo(to[i..]);
                (high << 16).AsSingle().CopyTo(to[(i + Vector256<uint>.Count)..]);
            }
        }
        for (; i < from.Length; i++)
            to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }
}
