using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

// Pixels by true and predicted class, summed over a set.
internal sealed class PixelConfusion(int classes)
{
    private readonly long[] _counts = new long[classes * classes];

    /// <summary>Pixels with a label.</summary>
    public long Pixels => _counts.Sum();

    /// <summary>Share of them that are right.</summary>
    public double Accuracy => (double)Enumerable.Range(0, classes).Sum(c => _counts[c * classes + c]) / Math.Max(1, Pixels);

    /// <summary>Intersection over union of each class; NaN where it occurs in neither truth nor prediction.</summary>
    public IReadOnlyList<double> Ious =>
        [
            .. Enumerable
                .Range(0, classes)
                .Select(c =>
                {
                    var truth = Enumerable.Range(0, classes).Sum(p => _counts[c * classes + p]);
                    var guess = Enumerable.Range(0, classes).Sum(t => _counts[t * classes + c]);
                    var union = truth + guess - _counts[c * classes + c];
                    return union == 0 ? double.NaN : (double)_counts[c * classes + c] / union;
                }),
        ];

    /// <summary>The mean over classes that occur.</summary>
    public double MeanIou => Ious.Where(i => !double.IsNaN(i)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Counts labels <c>[B, H, W]</c> and guesses of the same shape, int64.</summary>
    public void Add(Tensor labels, Tensor guesses)
    {
        using var scope = NewDisposeScope();
        var valid = labels.ne(DenseSample.Ignore);
        var pairs = labels.to(ScalarType.Int64).masked_select(valid) * classes + guesses.masked_select(valid);
        var counts = pairs.bincount(null, _counts.Length).cpu().data<long>();
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += counts[i];
    }
}
