using System.Numerics;
using System.Runtime.CompilerServices;

namespace Recipes.Layers;

/// <summary>
/// The inner loops of <see cref="DepthwiseTraining"/> over planes of <see cref="DepthwisePlan"/>: one
/// <see cref="Vector{T}"/> of channels a pixel, 32 or 64 bits a value. Offsets count vectors.
/// </summary>
internal static unsafe class DepthwiseKernels
{
    /// <summary>sums[t] += Σ_n a[at[n]]·b[bt[n] + lags[t]].</summary>
    public static void Correlate<T>(T* a, ReadOnlySpan<int> at, T* b, ReadOnlySpan<int> bt, ReadOnlySpan<int> lags, T* sums)
        where T : unmanaged
    {
        var width = Vector<T>.Count;
        for (var t = 0; t < lags.Length; t += 5)
        {
            var last = lags.Length - 1;
            var b0 = b + (lags[t] * width);
            var b1 = b + (lags[Math.Min(t + 1, last)] * width);
            var b2 = b + (lags[Math.Min(t + 2, last)] * width);
            var b3 = b + (lags[Math.Min(t + 3, last)] * width);
            var b4 = b + (lags[Math.Min(t + 4, last)] * width);
            Vector<T> s0 = default,
                s1 = default,
                s2 = default,
                s3 = default,
                s4 = default;
            for (var n = 0; n < at.Length; n++)
            {
                var left = Vector.Load(a + (at[n] * width));
                var right = bt[n] * width;
                s0 = Fma(left, Vector.Load(b0 + right), s0);
                s1 = Fma(left, Vector.Load(b1 + right), s1);
                s2 = Fma(left, Vector.Load(b2 + right), s2);
                s3 = Fma(left, Vector.Load(b3 + right), s3);
                s4 = Fma(left, Vector.Load(b4 + right), s4);
            }
            Add(sums + (t * width), s0);
            if (t + 1 <= last)
                Add(sums + ((t + 1) * width), s1);
            if (t + 2 <= last)
                Add(sums + ((t + 2) * width), s2);
            if (t + 3 <= last)
                Add(sums + ((t + 3) * width), s3);
            if (t + 4 <= last)
                Add(sums + ((t + 4) * width), s4);
        }
    }

    /// <summary>sum += Σ_n a[at[n]].</summary>
    public static void Sum<T>(T* a, ReadOnlySpan<int> at, T* sum)
        where T : unmanaged
    {
        Vector<T> s = default;
        foreach (var n in at)
            s += Vector.Load(a + (n * Vector<T>.Count));
        Add(sum, s);
    }

    /// <summary>to[out[n]] = start + Σ_t taps[t]·from[at[n] + lags[t]]; <paramref name="start"/> is one vector, or with <paramref name="add"/> what is there.</summary>
    public static void Gather<T>(
        T* from,
        ReadOnlySpan<int> at,
        ReadOnlySpan<int> lags,
        T* taps,
        T* start,
        bool add,
        T* to,
        ReadOnlySpan<int> into
    )
        where T : unmanaged
    {
        var width = Vector<T>.Count;
        var n = 0;
        for (; n + 4 <= at.Length; n += 4)
        {
            T* f0 = from + (at[n] * width),
                f1 = from + (at[n + 1] * width),
                f2 = from + (at[n + 2] * width),
                f3 = from + (at[n + 3] * width);
            T* t0 = to + (into[n] * width),
                t1 = to + (into[n + 1] * width),
                t2 = to + (into[n + 2] * width),
                t3 = to + (into[n + 3] * width);
            var s0 = Vector.Load(add ? t0 : start);
            var s1 = Vector.Load(add ? t1 : start);
            var s2 = Vector.Load(add ? t2 : start);
            var s3 = Vector.Load(add ? t3 : start);
            for (var t = 0; t < lags.Length; t++)
            {
                var tap = Vector.Load(taps + (t * width));
                var lag = lags[t] * width;
                s0 = Fma(tap, Vector.Load(f0 + lag), s0);
                s1 = Fma(tap, Vector.Load(f1 + lag), s1);
                s2 = Fma(tap, Vector.Load(f2 + lag), s2);
                s3 = Fma(tap, Vector.Load(f3 + lag), s3);
            }
            s0.Store(t0);
            s1.Store(t1);
            s2.Store(t2);
            s3.Store(t3);
        }
        for (; n < at.Length; n++)
        {
            var f = from + (at[n] * width);
            var s = Vector.Load(add ? to + (into[n] * width) : start);
            for (var t = 0; t < lags.Length; t++)
                s = Fma(Vector.Load(taps + (t * width)), Vector.Load(f + (lags[t] * width)), s);
            s.Store(to + (into[n] * width));
        }
    }

    /// <summary>a·b + c, fused where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> Fma<T>(Vector<T> a, Vector<T> b, Vector<T> c)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return Vector.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>();
        return Vector.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T* to, Vector<T> value)
        where T : unmanaged => (Vector.Load(to) + value).Store(to);
}
