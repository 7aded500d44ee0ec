using Recipes.Display;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>How a class that occurs nowhere, neither in labels nor in predictions, enters the mean IoU.</summary>
public enum AbsentClass
{
    /// <summary>It is left out of the mean.</summary>
    LeftOut,

    /// <summary>It counts 0, as in semantic-segmentation-pytorch.</summary>
    Zero,

    /// <summary>The mean is not a number, as in LibMTL.</summary>
    NotANumber,
}

/// <summary>
/// Counts by true class, then by predicted class, added batch by batch; of images or of pixels. Memory is C², whatever is added. Nothing that
/// is labelled as ignored counts, neither in unions nor in predictions.
/// </summary>
/// <param name="classes">C.</param>
/// <param name="ignored">The label that does not count.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class ConfusionMatrix(int classes, long ignored = -1) : IDisplay
{
    private readonly long[] _counts = new long[classes * classes];

    /// <summary>C.</summary>
    public int Classes => classes;

    /// <summary>What was counted.</summary>
    public long Total => _counts.Sum();

    /// <summary>What was labelled as ignored.</summary>
    public long Ignored { get; private set; }

    /// <summary>How often this true class was predicted as that class.</summary>
    public long this[int label, int predicted] => _counts[label * classes + predicted];

    /// <summary>Adds a batch.</summary>
    /// <param name="predicted">Classes, of any shape, whole numbers.</param>
    /// <param name="labels">True classes, of the same shape.</param>
    /// <returns>This.</returns>
    /// <exception cref="RecipesException">Shapes differ, or a number is no class; all problems together, and nothing is counted.</exception>
    public ConfusionMatrix Add(Tensor predicted, Tensor labels)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (!predicted.shape.SequenceEqual(labels.shape))
            throw new RecipesException(
                $"confusion: expected predictions of the labels' shape [{string.Join(", ", labels.shape)}], found [{string.Join(", ", predicted.shape)}]."
            );
        var truth = labels.flatten().to(ScalarType.Int64);
        var counted = truth.ne(ignored);
        truth = truth.masked_select(counted);
        var guess = predicted.flatten().to(ScalarType.Int64).to(truth.device).masked_select(counted);
        RecipesException.ThrowIfAny("confusion cannot be counted:", [.. Outside("labels", truth), .. Outside("predictions", guess)]);
        var counts = bincount(truth * classes + guess, minlength: _counts.Length).cpu().data<long>().ToArray();
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += counts[i];
        Ignored += labels.numel() - truth.numel();
        return this;
    }

    /// <summary>Adds what another one counted, such as another process.</summary>
    /// <returns>This.</returns>
    public ConfusionMatrix Add(ConfusionMatrix other)
    {
        if (other.Classes != classes)
            throw new RecipesException($"confusion: expected {classes} classes, found {other.Classes}.");
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Ignored += other.Ignored;
        return this;
    }

    /// <summary>Share that is right, 0 to 1: accuracy, of pixels where pixels were added.</summary>
    public double Accuracy => (double)Range.Sum(Hits) / Total;

    /// <summary>Mean over the classes that occur of the share of each that is right.</summary>
    public double MeanPerClassRecall => Range.Where(c => Labelled(c) > 0).Average(c => (double)Hits(c) / Labelled(c));

    /// <summary>Mean F1 over all classes; 0 for one that is neither labelled nor predicted.</summary>
    public double MacroF1 => Range.Average(F1);

    /// <summary>2·hits / (labelled + predicted) of a class; 0 where it occurs nowhere.</summary>
    public double F1(int label) => Labelled(label) + Predicted(label) is > 0 and var n ? 2.0 * Hits(label) / n : 0;

    /// <summary>Labelled and predicted as the class.</summary>
    public long Hits(int label) => this[label, label];

    /// <summary>Labelled as the class.</summary>
    public long Labelled(int label) => Range.Sum(c => this[label, c]);

    /// <summary>Predicted as the class.</summary>
    public long Predicted(int label) => Range.Sum(c => this[c, label]);

    /// <summary>Labelled or predicted as the class.</summary>
    public long Union(int label) => Labelled(label) + Predicted(label) - Hits(label);

    /// <summary>Intersection over union of a class; null where it occurs nowhere.</summary>
    public double? Iou(int label) => Union(label) is > 0 and var union ? (double)Hits(label) / union : null;

    /// <summary>Mean intersection over union, 0 to 1.</summary>
    /// <param name="absent">What a class does that occurs nowhere.</param>
    public double MeanIou(AbsentClass absent = AbsentClass.LeftOut)
    {
        var ious = Range.Select(Iou);
        return absent switch
        {
            AbsentClass.LeftOut => ious.OfType<double>().Average(),
            AbsentClass.Zero => ious.Average(iou => iou ?? 0),
            _ => ious.Average(iou => iou ?? double.NaN),
        };
    }

    /// <summary>The numbers, and the IoU of up to 20 classes.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private IEnumerable<int> Range => Enumerable.Range(0, classes);

    private IEnumerable<string> Outside(string what, Tensor found)
    {
        if (found.numel() > 0 && (found.lt(0).any().item<bool>() || found.ge(classes).any().item<bool>()))
            yield return $"{what}: expected 0 to {classes - 1}, found {found.min().item<long>()} to {found.max().item<long>()}";
    }

    private Blocks Show()
    {
        var numbers = Table
            .With(
                Column.Number("Counted"),
                Column.Number("Ignored"),
                Column.Number("Accuracy", "%", "0.0"),
                Column.Number("Per class", "%", "0.0"),
                Column.Number("mIoU", "%", "0.0")
            )
            .Row(
                Total,
                Ignored,
                Share(Accuracy),
                Share(Total > 0 ? MeanPerClassRecall : double.NaN),
                Share(Total > 0 ? MeanIou() : double.NaN)
            );
        if (classes > 20)
            return new Blocks(numbers);
        var each = Table.From(
            Range,
            (Column.Text("Class"), c => $"{c}"),
            (Column.Number("Labelled"), c => Labelled(c)),
            (Column.Number("Right", "%", "0.0"), c => Labelled(c) > 0 ? 100.0 * Hits(c) / Labelled(c) : null),
            (Column.Number("IoU", "%", "0.0"), c => 100 * Iou(c))
        );
        return new Blocks(numbers, each);

        static object? Share(double share) => double.IsNaN(share) ? null : 100 * share;
    }
}
