using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recipes.Data;

/// <summary>
/// The two passes of a resize on vectors of 256 bits, with the sums of the plain form: a weight of 23 bits is taken apart as
/// 4096 high + low, both of 16 bits, so that one instruction multiplies and adds two taps of eight values.
/// </summary>
internal static unsafe class ResampleVectors
{
    /// <summary>Bytes that may be read behind a row.</summary>
    public const int Slack = 16;

    private const int Bits = ResizeTaps.Bits;
    private const int LowBits = ResizeTaps.LowBits;
    private const int Columns = 32;

    /// <summary>Whether this processor has them.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>One row across.</summary>
    /// <param name="source">The row, three channels, with <see cref="Slack"/> bytes behind it.</param>
    /// <param name="taps">The weights of the pass.</param>
    /// <param name="target">Receives three channels for each output position.</param>
    public static void Across(ReadOnlySpan<byte> source, ResizeTaps taps, Span<byte> target)
    {
        // Four pixels of three channels to pairs of neighbours: r0 r1 g0 g1 b0 b1 0 0, r2 r3 g2 g3 b2 b3 0 0.
        var pairs = Vector128.Create(0, 3, 1, 4, 2, 5, 255, 255, 6, 9, 7, 10, 8, 11, 255, 255).AsByte();
        var spread = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        var half = Vector128.Create(1 << (Bits - 1));
        fixed (byte* from = source)
        fixed (byte* to = target)
        fixed (int* highs = taps.Highs)
        fixed (int* lows = taps.Lows)
        {
            var count = target.Length / 3;
            for (var o = 0; o < count; o++)
            {
                var at = from + 3 * taps.Start(o);
                var high = highs + o * taps.Pairs;
                var low = lows + o * taps.Pairs;
                var (sumHigh, sumLow) = (Vector256<int>.Zero, Vector256<int>.Zero);
                for (var step = taps.Steps(o); step > 0; step--, at += 12, high += 2, low += 2)
                {
                    var values = Avx2.ConvertToVector256Int16(Ssse3.Shuffle(Sse2.LoadVector128(at), pairs));
                    var h = Avx2.PermuteVar8x32(Vector128.CreateScalarUnsafe(*(long*)high).AsInt32().ToVector256Unsafe(), spread);
                    var l = Avx2.PermuteVar8x32(Vector128.CreateScalarUnsafe(*(long*)low).AsInt32().ToVector256Unsafe(), spread);
                    sumHigh += Avx2.MultiplyAddAdjacent(values, h.AsInt16());
                    sumLow += Avx2.MultiplyAddAdjacent(values, l.AsInt16());
                }
                var sum = ((sumHigh.GetLower() + sumHigh.GetUpper()) << LowBits) + sumLow.GetLower() + sumLow.GetUpper() + half;
                var bytes = Sse2.PackUnsignedSaturate(Sse2.PackSignedSaturate(sum >> Bits, sum >> Bits), Vector128<short>.Zero);
                var rgb = bytes.AsUInt32().ToScalar();
                *(ushort*)(to + 3 * o) = (ushort)rgb;
                to[3 * o + 2] = (byte)(rgb >> 16);
            }
        }
    }

    /// <summary>One output row down.</summary>
    /// <param name="source">The first row that it sees, and the others behind it.</param>
    /// <param name="taps">The weights of the pass.</param>
    /// <param name="row">Which output row.</param>
    /// <param name="target">Receives the row; source rows are as long.</param>
    public static void Down(ReadOnlySpan<byte> source, ResizeTaps taps, int row, Span<byte> target)
    {
        var highs = taps.Highs.AsSpan(row * taps.Pairs, taps.Pairs);
        var lows = taps.Lows.AsSpan(row * taps.Pairs, taps.Pairs);
        var count = taps.Count(row);
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            var stride = target.Length;
            var x = 0;
            for (; x <= stride - Columns; x += Columns)
                Block(from + x, stride, count, highs, lows, to + x);
            if (x == stride)
                return;
            if (stride >= Columns)
            {
                x = stride - Columns; // again what was written: the same bytes
                Block(from + x, stride, count, highs, lows, to + x);
                return;
            }
            for (; x < stride; x++)
            {
                var sum = 1 << (Bits - 1);
                for (var k = 0; k < count; k++)
                    sum += taps.Weights(row)[k] * from[k * stride + x];
                to[x] = (byte)Math.Clamp(sum >> Bits, 0, 255);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(byte* from, int stride, int count, ReadOnlySpan<int> highs, ReadOnlySpan<int> lows, byte* to)
    {
        Vector256<int> h0 = default,
            h1 = default,
            h2 = default,
            h3 = default,
            l0 = default,
            l1 = default,
            l2 = default,
            l3 = default;
        for (var k = 0; k < count; k += 2, from += 2 * stride)
        {
            // A last tap without a partner is paired with itself; its partner's weight is 0.
            var next = k + 1 < count ? from + stride : from;
            var (high, low) = (Vector256.Create(highs[k / 2]).AsInt16(), Vector256.Create(lows[k / 2]).AsInt16());
            var (a, b) = (Sse2.LoadVector128(from), Sse2.LoadVector128(next));
            var (c, d) = (Sse2.LoadVector128(from + 16), Sse2.LoadVector128(next + 16));
            var v0 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(a, b));
            var v1 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(a, b));
            var v2 = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(c, d));
            var v3 = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(c, d));
            h0 += Avx2.MultiplyAddAdjacent(v0, high);
            h1 += Avx2.MultiplyAddAdjacent(v1, high);
            h2 += Avx2.MultiplyAddAdjacent(v2, high);
            h3 += Avx2.MultiplyAddAdjacent(v3, high);
            l0 += Avx2.MultiplyAddAdjacent(v0, low);
            l1 += Avx2.MultiplyAddAdjacent(v1, low);
            l2 += Avx2.MultiplyAddAdjacent(v2, low);
            l3 += Avx2.MultiplyAddAdjacent(v3, low);
        }
        var first = Avx2.PackSignedSaturate(Sum(h0, l0), Sum(h1, l1));
        var second = Avx2.PackSignedSaturate(Sum(h2, l2), Sum(h3, l3));
        // Packing works within halves; the order is set right at the end.
        var bytes = Avx2.PackUnsignedSaturate(first, second).AsInt32();
        Avx.Store(to, Avx2.PermuteVar8x32(bytes, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(Vector256<int> high, Vector256<int> low) =>
        ((high << LowBits) + low + Vector256.Create(1 << (Bits - 1))) >> Bits;
}
