namespace Recipes.Layers;

/// <summary>
/// The algebra of <see cref="BranchSet"/> for one channel of a depthwise block: patches p of nine values with mean μ and
/// covariance C, and branches w_j of nine taps, all in float64.
/// </summary>
internal static class PatchMoments
{
    public const int Taps = 9;

    /// <summary>The moments from the sums over each class of pixels: lag products R[class][13], then the plain sum.</summary>
    public static void FromSums(DepthwisePlan plan, ReadOnlySpan<double> sums, long count, Span<double> mean, Span<double> covariance)
    {
        var stride = DepthwisePlan.HalfLags.Length + 1;
        mean.Clear();
        covariance.Clear();
        for (var k = 0; k < plan.Classes.Count; k++)
        {
            var own = sums.Slice(k * stride, stride);
            foreach (var i in plan.Classes[k].Taps)
            {
                mean[i] += own[^1];
                for (var d = 0; d < stride - 1; d++)
                {
                    var j = Tap(i, DepthwisePlan.HalfLags[d]);
                    if (j >= 0)
                        covariance[(i * Taps) + j] += own[d];
                }
            }
        }
        foreach (ref var m in mean)
            m /= count;
        for (var i = 0; i < Taps; i++)
        {
            for (var j = i; j < Taps; j++)
                covariance[(j * Taps) + i] = covariance[(i * Taps) + j] = (covariance[(i * Taps) + j] / count) - (mean[i] * mean[j]);
        }
    }

    /// <summary>The tap that lies a lag away, −1 where that is outside the kernel.</summary>
    public static int Tap(int tap, (int Row, int Column) lag)
    {
        var (row, column) = ((tap / 3) + lag.Row, (tap % 3) + lag.Column);
        return row is >= 0 and < 3 && column is >= 0 and < 3 ? (row * 3) + column : -1;
    }

    /// <summary>a·b.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < Taps; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>result = matrix·vector, 9x9.</summary>
    public static void Multiply(ReadOnlySpan<double> matrix, ReadOnlySpan<double> vector, Span<double> result)
    {
        for (var i = 0; i < Taps; i++)
            result[i] = Dot(matrix.Slice(i * Taps, Taps), vector);
    }
}
