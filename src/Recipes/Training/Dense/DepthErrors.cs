using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

// Errors of depth, summed over the measured pixels of a set.
internal sealed class DepthErrors
{
    private const double Ratio = 1.25;
    private const double Least = 1e-3;
    private long _pixels;
    private double _squares;
    private double _relative;
    private double _near;

    /// <summary>In metres.</summary>
    public double RootMeanSquare => Math.Sqrt(_squares / _pixels);

    /// <summary>Mean of |guess − truth|/truth.</summary>
    public double AbsoluteRelative => _relative / _pixels;

    /// <summary>Share with max(guess/truth, truth/guess) below 1.25.</summary>
    public double Delta1 => _near / _pixels;

    /// <summary>Counts depths <c>[B, H, W]</c> in metres, 0 where nothing was measured, and guesses of the same shape.</summary>
    public void Add(Tensor depth, Tensor guesses)
    {
        using var scope = NewDisposeScope();
        var valid = depth.gt(0);
        var truth = depth.masked_select(valid).to(ScalarType.Float64);
        var guess = guesses.masked_select(valid).to(ScalarType.Float64).clamp_min(Least);
        _pixels += truth.numel();
        _squares += (guess - truth).square().sum().item<double>();
        _relative += ((guess - truth).abs() / truth).sum().item<double>();
        _near += torch.maximum(guess / truth, truth / guess).lt(Ratio).sum().item<long>();
    }
}
