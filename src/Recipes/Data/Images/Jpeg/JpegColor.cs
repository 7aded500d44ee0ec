using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recipes.Data;

/// <summary>From luma and chroma rows to red, green and blue, with libjpeg's integers: triangle upsampling and 16-bit fixed point.</summary>
internal static unsafe class JpegColor
{
    private const int Half = 32768;
    private const int CrToRed = 91881;
    private const int CbToBlue = 116130;
    private const int CbToGreen = -22554;
    private const int CrToGreen = -46802;

    /// <summary>Twice as many samples as the sums of two rows: 3/4 of the nearer, 1/4 of the farther, both ways.</summary>
    /// <param name="sums">The sums, or plain samples; one before and one behind are read.</param>
    /// <param name="count">Samples.</param>
    /// <param name="rows">Whether two rows went into the sums.</param>
    /// <param name="to">Receives 2 count bytes, and may be written for 32 more.</param>
    public static void Widen(ushort* sums, int count, bool rows, byte* to)
    {
        var shift = rows ? 4 : 2;
        var (even, odd) = rows ? ((ushort)8, (ushort)7) : ((ushort)1, (ushort)2);
        var (evens, odds) = (Vector256.Create(even), Vector256.Create(odd));
        for (var i = 0; i < count; i += 16)
        {
            var here = Avx.LoadVector256(sums + i);
            here = here + here + here;
            var left = here + Avx.LoadVector256(sums + i - 1) + evens >>> shift;
            var right = here + Avx.LoadVector256(sums + i + 1) + odds >>> shift;
            Avx.Store((ushort*)(to + 2 * i), left | right << 8);
        }
    }

    /// <summary>Three parts of the nearer row and one of the farther, or the row alone.</summary>
    public static void Sum(byte* near, byte* far, int count, bool rows, ushort* sums)
    {
        for (var i = 0; i < count; i += 16)
        {
            var sum = Avx2.ConvertToVector256Int16(near + i);
            if (rows)
                sum = sum + sum + sum + Avx2.ConvertToVector256Int16(far + i);
            Avx.Store((short*)sums + i, sum);
        }
    }

    /// <summary>A row of pixels.</summary>
    public static void Convert(byte* luma, byte* cb, byte* cr, int count, byte* to)
    {
        var (half, middle) = (Vector256.Create(Half), Vector256.Create(128));
        var (low, high) = (Vector256<int>.Zero, Vector256.Create(255));
        var pack = Vector256.Create(
            (byte)0,
            1,
            2,
            4,
            5,
            6,
            8,
            9,
            10,
            12,
            13,
            14,
            255,
            255,
            255,
            255,
            0,
            1,
            2,
            4,
            5,
            6,
            8,
            9,
            10,
            12,
            13,
            14,
            255,
            255,
            255,
            255
        );
        var i = 0;
        // Eight pixels are 24 bytes; 28 are written.
        for (; i + 10 <= count; i += 8)
        {
            var y = Avx2.ConvertToVector256Int32(luma + i);
            var b = Avx2.ConvertToVector256Int32(cb + i) - middle;
            var r = Avx2.ConvertToVector256Int32(cr + i) - middle;
            var red = Vector256.Min(Vector256.Max(y + (r * CrToRed + half >> 16), low), high);
            var green = Vector256.Min(Vector256.Max(y + (b * CbToGreen + r * CrToGreen + half >> 16), low), high);
            var blue = Vector256.Min(Vector256.Max(y + (b * CbToBlue + half >> 16), low), high);
            var pixels = Avx2.Shuffle((red | green << 8 | blue << 16).AsByte(), pack);
            Sse2.Store(to + 3 * i, pixels.GetLower());
            Sse2.Store(to + 3 * i + 12, pixels.GetUpper());
        }
        for (; i < count; i++)
        {
            var (b, r) = (cb[i] - 128, cr[i] - 128);
            to[3 * i] = Clamp(luma[i] + (r * CrToRed + Half >> 16));
            to[3 * i + 1] = Clamp(luma[i] + (b * CbToGreen + r * CrToGreen + Half >> 16));
            to[3 * i + 2] = Clamp(luma[i] + (b * CbToBlue + Half >> 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
