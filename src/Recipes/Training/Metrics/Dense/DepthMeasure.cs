using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Errors of predicted depth, added batch by batch as sums: memory is constant, and all pixels of all images count alike (Eigen et al., arXiv
/// 1406.2283, sec. 4). Pixels without a measurement do not count.
/// </summary>
public sealed class DepthMeasure
{
    private readonly double[] _sums = new double[9];
    private long _count;

    /// <summary>Adds a batch; computed in float64.</summary>
    /// <param name="predicted">Depths above 0, of any shape.</param>
    /// <param name="truth">Depths of the same shape; 0 or less where nothing was measured.</param>
    /// <returns>This.</returns>
    /// <exception cref="RecipesException">Shapes differ, or a predicted depth is not above 0 where there is a true one; nothing is added.</exception>
    public DepthMeasure Add(Tensor predicted, Tensor truth)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (!predicted.shape.SequenceEqual(truth.shape))
            throw new RecipesException(
                $"depth: expected predictions of the truth's shape [{string.Join(", ", truth.shape)}], found [{string.Join(", ", predicted.shape)}]."
            );
        var measured = truth.gt(0);
        var t = truth.masked_select(measured).to(ScalarType.Float64);
        var p = predicted.to(truth.device).masked_select(measured).to(ScalarType.Float64);
        if (t.numel() == 0)
            return this;
        if (!p.gt(0).all().item<bool>())
            throw new RecipesException(
                "depth: expected predictions above 0, found some that are not; clamp them to the least depth of the set."
            );
        var (difference, logarithm, ratio) = (p - t, p.log() - t.log(), maximum(p / t, t / p));
        Tensor[] sums =
        [
            difference.square().sum(),
            logarithm.square().sum(),
            logarithm.sum(),
            logarithm.abs().sum(),
            difference.abs().sum(),
            (difference.abs() / t).sum(),
            ratio.lt(1.25).sum(),
            ratio.lt(1.25 * 1.25).sum(),
            ratio.lt(1.25 * 1.25 * 1.25).sum(),
        ];
        var added = stack(sums.Select(s => s.to(ScalarType.Float64))).cpu().data<double>().ToArray();
        for (var i = 0; i < _sums.Length; i++)
            _sums[i] += added[i];
        _count += t.numel();
        return this;
    }

    /// <summary>The errors of everything added so far.</summary>
    /// <exception cref="RecipesException">No pixel had a true depth.</exception>
    public DepthResult Result()
    {
        if (_count == 0)
            throw new RecipesException("depth: nothing to measure; no pixel has a true depth above 0.");
        var mean = Array.ConvertAll(_sums, s => s / _count);
        return new DepthResult
        {
            Pixels = _count,
            Rmse = Math.Sqrt(mean[0]),
            RmseLog = Math.Sqrt(mean[1]),
            ScaleInvariant = Math.Sqrt(Math.Max(0, mean[1] - mean[2] * mean[2])),
            Log10 = mean[3] / Math.Log(10),
            Absolute = mean[4],
            Relative = mean[5],
            Delta1 = mean[6],
            Delta2 = mean[7],
            Delta3 = mean[8],
        };
    }
}
