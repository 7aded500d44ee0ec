using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>What one call of <see cref="DepthwiseTraining"/> knows of its branches, in float64, channel by channel.</summary>
internal sealed class DepthwiseState
{
    public DepthwiseState(DepthwisePlan plan, BranchSet set, object[] arguments, long batch, int channels)
    {
        (Plan, Set, Channels, Batch) = (plan, set, channels, (int)batch);
        Count = batch * plan.OutHeight * plan.OutWidth;
        var n = set.Count;
        (Kernels, Projected) = (new double[n * channels * PatchMoments.Taps], new double[n * channels * PatchMoments.Taps]);
        (Merged, PatchMean) = (new double[channels * PatchMoments.Taps], new double[channels * PatchMoments.Taps]);
        (Means, Variances, Inverse, Bias) = (
            new double[n * channels],
            new double[n * channels],
            new double[n * channels],
            new double[channels]
        );
        using var scope = NewDisposeScope();
        var j = 0;
        foreach (var weight in set.Weights(arguments))
            Spread(Values(weight), j++);
        if (set.HasSkip)
            Spread([.. Enumerable.Repeat(1.0, channels)], j);
        Scales = Values(stack(set.Scales(arguments).ToList()));
        Shifts = Values(stack(set.Shifts(arguments).ToList()).sum([0]));
    }

    public DepthwisePlan Plan { get; }

    public BranchSet Set { get; }

    public int Channels { get; }

    public int Batch { get; }

    /// <summary>Patches a channel has.</summary>
    public long Count { get; }

    /// <summary>w, <c>[branch, channel, 9]</c>.</summary>
    public double[] Kernels { get; }

    /// <summary>C·w, as <see cref="Kernels"/>.</summary>
    public double[] Projected { get; }

    /// <summary>γ, <c>[branch, channel]</c>.</summary>
    public double[] Scales { get; }

    /// <summary>Σβ, <c>[channel]</c>.</summary>
    public double[] Shifts { get; }

    /// <summary>W = Σ_j a_j w_j, <c>[channel, 9]</c>.</summary>
    public double[] Merged { get; }

    /// <summary>μ, <c>[channel, 9]</c>.</summary>
    public double[] PatchMean { get; }

    /// <summary>Mean of each branch, <c>[branch, channel]</c>.</summary>
    public double[] Means { get; }

    /// <summary>Biased variance of each branch.</summary>
    public double[] Variances { get; }

    /// <summary>1/√(var + eps) of each branch.</summary>
    public double[] Inverse { get; }

    /// <summary>Σβ − W·μ, <c>[channel]</c>.</summary>
    public double[] Bias { get; }

    public int At(int branch, int channel) => (branch * Channels) + channel;

    public static Span<double> Row(double[] rows, int row) => rows.AsSpan(row * PatchMoments.Taps, PatchMoments.Taps);

    /// <summary>From the sums over pixel classes of one channel to its merged kernel.</summary>
    public void Merge(int channel, ReadOnlySpan<double> sums)
    {
        Span<double> covariance = stackalloc double[PatchMoments.Taps * PatchMoments.Taps];
        var mean = Row(PatchMean, channel);
        PatchMoments.FromSums(Plan, sums, Count, mean, covariance);
        var merged = Row(Merged, channel);
        for (var j = 0; j < Set.Count; j++)
        {
            var at = At(j, channel);
            Span<double> kernel = Row(Kernels, at),
                projected = Row(Projected, at);
            PatchMoments.Multiply(covariance, kernel, projected);
            Means[at] = PatchMoments.Dot(kernel, mean);
            Variances[at] = Math.Max(0, PatchMoments.Dot(kernel, projected));
            Inverse[at] = 1 / Math.Sqrt(Variances[at] + Set.Epsilon);
            for (var i = 0; i < PatchMoments.Taps; i++)
                merged[i] += Scales[at] * Inverse[at] * kernel[i];
        }
        Bias[channel] = Shifts[channel] - PatchMoments.Dot(merged, mean);
    }

    /// <summary>
    /// From ∂W (<paramref name="total"/>, raw sums of g·p) and ∂b (<paramref name="shift"/>) of one channel to the gradients
    /// of its kernels and scales, and to S = (2/M)·∂C and t of the input's gradient W·g + S·p + t for each patch.
    /// </summary>
    public void Differentiate(
        int channel,
        Span<double> total,
        double shift,
        double[] dkernels,
        double[] dscales,
        Span<double> s,
        Span<double> t
    )
    {
        Span<double> mean = Row(PatchMean, channel),
            merged = Row(Merged, channel);
        for (var i = 0; i < PatchMoments.Taps; i++)
            total[i] -= mean[i] * shift;
        s.Clear();
        for (var j = 0; j < Set.Count; j++)
        {
            var at = At(j, channel);
            Span<double> kernel = Row(Kernels, at),
                projected = Row(Projected, at),
                gradient = Row(dkernels, at);
            dscales[at] = PatchMoments.Dot(kernel, total) * Inverse[at];
            var dvariance = -0.5 * dscales[at] * Scales[at] * Inverse[at] * Inverse[at];
            for (var i = 0; i < PatchMoments.Taps; i++)
            {
                gradient[i] = (Scales[at] * Inverse[at] * total[i]) + (2 * dvariance * projected[i]);
                for (var k = 0; k < PatchMoments.Taps; k++)
                    s[(i * PatchMoments.Taps) + k] += 2.0 / Count * dvariance * kernel[i] * kernel[k];
            }
        }
        PatchMoments.Multiply(s, mean, t);
        for (var i = 0; i < PatchMoments.Taps; i++)
            t[i] = -t[i] - (merged[i] * shift / Count);
    }

    private static double[] Values(Tensor tensor) => [.. tensor.detach().contiguous().to(ScalarType.Float64).data<double>()];

    // 9 taps a channel as they are; 1 tap a channel at the centre.
    private void Spread(double[] values, int branch)
    {
        var taps = values.Length / Channels;
        for (var c = 0; c < Channels; c++)
            values.AsSpan(c * taps, taps).CopyTo(Row(Kernels, At(branch, c))[(taps == 1 ? 4 : 0)..]);
    }
}
