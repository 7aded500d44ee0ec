using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recipes.Data;

/// <summary>The inverse cosine transform of a block of 8 x 8, with the integers and roundings of libjpeg's accurate form.</summary>
internal static unsafe class JpegCosine
{
    private const int First = 11; // bits dropped by the pass over columns, which keeps two
    private const int Second = 18;

    /// <summary>Turns coefficients into samples.</summary>
    /// <param name="block">64 coefficients in rows.</param>
    /// <param name="to">The samples' first row.</param>
    /// <param name="stride">Bytes from row to row.</param>
    public static void Transform(short* block, byte* to, int stride)
    {
        var r0 = Avx2.ConvertToVector256Int32(block);
        var r1 = Avx2.ConvertToVector256Int32(block + 8);
        var r2 = Avx2.ConvertToVector256Int32(block + 16);
        var r3 = Avx2.ConvertToVector256Int32(block + 24);
        var r4 = Avx2.ConvertToVector256Int32(block + 32);
        var r5 = Avx2.ConvertToVector256Int32(block + 40);
        var r6 = Avx2.ConvertToVector256Int32(block + 48);
        var r7 = Avx2.ConvertToVector256Int32(block + 56);
        Pass(First, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Turn(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        Pass(Second, ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        // Columns of eight samples each; four columns make a square of bytes that is turned within a half.
        var middle = Vector256.Create((short)128);
        var turn = Vector256.Create(
            (byte)0,
            4,
            8,
            12,
            1,
            5,
            9,
            13,
            2,
            6,
            10,
            14,
            3,
            7,
            11,
            15,
            0,
            4,
            8,
            12,
            1,
            5,
            9,
            13,
            2,
            6,
            10,
            14,
            3,
            7,
            11,
            15
        );
        var left = Avx2.PackUnsignedSaturate(
            Avx2.AddSaturate(Avx2.PackSignedSaturate(r0, r1), middle),
            Avx2.AddSaturate(Avx2.PackSignedSaturate(r2, r3), middle)
        );
        var right = Avx2.PackUnsignedSaturate(
            Avx2.AddSaturate(Avx2.PackSignedSaturate(r4, r5), middle),
            Avx2.AddSaturate(Avx2.PackSignedSaturate(r6, r7), middle)
        );
        var (a, b) = (Avx2.Shuffle(left, turn).AsUInt32(), Avx2.Shuffle(right, turn).AsUInt32());
        var even = Avx2.UnpackLow(a, b).AsUInt64(); // rows 0, 1, 4, 5
        var odd = Avx2.UnpackHigh(a, b).AsUInt64(); // rows 2, 3, 6, 7
        *(ulong*)to = even.GetElement(0);
        *(ulong*)(to + stride) = even.GetElement(1);
        *(ulong*)(to + 2 * stride) = odd.GetElement(0);
        *(ulong*)(to + 3 * stride) = odd.GetElement(1);
        *(ulong*)(to + 4 * stride) = even.GetElement(2);
        *(ulong*)(to + 5 * stride) = even.GetElement(3);
        *(ulong*)(to + 6 * stride) = odd.GetElement(2);
        *(ulong*)(to + 7 * stride) = odd.GetElement(3);
    }

    /// <summary>A block of one level.</summary>
    public static void Plain(short level, byte* to, int stride)
    {
        var value = (ulong)Math.Clamp((level * 4 + 16 >> 5) + 128, 0, 255) * 0x0101010101010101;
        for (var row = 0; row < 8; row++)
            *(ulong*)(to + row * stride) = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        int drop,
        ref Vector256<int> r0,
        ref Vector256<int> r1,
        ref Vector256<int> r2,
        ref Vector256<int> r3,
        ref Vector256<int> r4,
        ref Vector256<int> r5,
        ref Vector256<int> r6,
        ref Vector256<int> r7
    )
    {
        var half = Vector256.Create(1 << (drop - 1));
        var shared = (r2 + r6) * 4433;
        var (even2, even3) = (shared - r6 * 15137, shared + r2 * 6270);
        var (even0, even1) = ((r0 + r4 << 13) + half, (r0 - r4 << 13) + half);
        var (t10, t13, t11, t12) = (even0 + even3, even0 - even3, even1 + even2, even1 - even2);
        var (z1, z2, z3, z4) = (r7 + r1, r5 + r3, r7 + r3, r5 + r1);
        var z5 = (z3 + z4) * 9633;
        (z1, z2, z3, z4) = (z1 * -7373, z2 * -20995, z3 * -16069 + z5, z4 * -3196 + z5);
        var t0 = r7 * 2446 + z1 + z3;
        var t1 = r5 * 16819 + z2 + z4;
        var t2 = r3 * 25172 + z2 + z3;
        var t3 = r1 * 12299 + z1 + z4;
        (r0, r7) = (t10 + t3 >> drop, t10 - t3 >> drop);
        (r1, r6) = (t11 + t2 >> drop, t11 - t2 >> drop);
        (r2, r5) = (t12 + t1 >> drop, t12 - t1 >> drop);
        (r3, r4) = (t13 + t0 >> drop, t13 - t0 >> drop);
    }

    // Rows become columns.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        ref Vector256<int> r0,
        ref Vector256<int> r1,
        ref Vector256<int> r2,
        ref Vector256<int> r3,
        ref Vector256<int> r4,
        ref Vector256<int> r5,
        ref Vector256<int> r6,
        ref Vector256<int> r7
    )
    {
        var (a0, a1) = (Avx2.UnpackLow(r0, r1).AsInt64(), Avx2.UnpackHigh(r0, r1).AsInt64());
        var (a2, a3) = (Avx2.UnpackLow(r2, r3).AsInt64(), Avx2.UnpackHigh(r2, r3).AsInt64());
        var (a4, a5) = (Avx2.UnpackLow(r4, r5).AsInt64(), Avx2.UnpackHigh(r4, r5).AsInt64());
        var (a6, a7) = (Avx2.UnpackLow(r6, r7).AsInt64(), Avx2.UnpackHigh(r6, r7).AsInt64());
        var (b0, b1) = (Avx2.UnpackLow(a0, a2).AsInt32(), Avx2.UnpackHigh(a0, a2).AsInt32());
        var (b2, b3) = (Avx2.UnpackLow(a1, a3).AsInt32(), Avx2.UnpackHigh(a1, a3).AsInt32());
        var (b4, b5) = (Avx2.UnpackLow(a4, a6).AsInt32(), Avx2.UnpackHigh(a4, a6).AsInt32());
        var (b6, b7) = (Avx2.UnpackLow(a5, a7).AsInt32(), Avx2.UnpackHigh(a5, a7).AsInt32());
        (r0, r4) = (Avx2.Permute2x128(b0, b4, 0x20), Avx2.Permute2x128(b0, b4, 0x31));
        (r1, r5) = (Avx2.Permute2x128(b1, b5, 0x20), Avx2.Permute2x128(b1, b5, 0x31));
        (r2, r6) = (Avx2.Permute2x128(b2, b6, 0x20), Avx2.Permute2x128(b2, b6, 0x31));
        (r3, r7) = (Avx2.Permute2x128(b3, b7, 0x20), Avx2.Permute2x128(b3, b7, 0x31));
    }
}
