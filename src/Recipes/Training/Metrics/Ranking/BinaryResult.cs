using Recipes.Display;

namespace Recipes.Training;

/// <summary>A detector of one thing, measured: its order of scores, and its decisions at a threshold (scikit-learn's definitions).</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record BinaryResult : IDisplay
{
    /// <summary>Samples.</summary>
    public required int Count { get; init; }

    /// <summary>Positive samples.</summary>
    public required int Positives { get; init; }

    /// <summary>Area under the ROC curve; see <see cref="Ranking.Auroc"/>.</summary>
    public required double Auroc { get; init; }

    /// <summary>See <see cref="Ranking.AveragePrecision"/>; guessing gives the share of positives.</summary>
    public required double AveragePrecision { get; init; }

    /// <summary>A score that is at least this is a detection.</summary>
    public required double Threshold { get; init; }

    /// <summary>Share of detections that are right; 0 without detections.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of positives that are detected.</summary>
    public required double Recall { get; init; }

    /// <summary>Mean of the shares of positives and of negatives that are right.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>Mean squared distance of the score, cut to 0 to 1, from the label.</summary>
    public required double Brier { get; init; }

    /// <summary>2·precision·recall / (precision + recall); 0 without hits.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    /// <summary>Measures.</summary>
    /// <param name="scores">Higher is more positive.</param>
    /// <param name="positives">Which are positive; as many.</param>
    /// <param name="threshold">A score that is at least this is a detection.</param>
    /// <exception cref="RecipesException">There are not as many labels as scores.</exception>
    public static BinaryResult Of(IReadOnlyList<double> scores, IReadOnlyList<bool> positives, double threshold = 0.5)
    {
        var auroc = Ranking.Auroc(scores, positives);
        var all = scores.Zip(positives).ToList();
        var (detected, count) = (all.Count(p => p.First >= threshold), positives.Count(p => p));
        var hits = all.Count(p => p.First >= threshold && p.Second);
        var recall = (double)hits / count;
        var rejected = 1 - (double)(detected - hits) / (all.Count - count);
        return new BinaryResult
        {
            Count = all.Count,
            Positives = count,
            Auroc = auroc,
            AveragePrecision = Ranking.AveragePrecision(scores, positives),
            Threshold = threshold,
            Precision = detected > 0 ? (double)hits / detected : 0,
            Recall = recall,
            BalancedAccuracy = (recall + rejected) / 2,
            Brier = all.Average(p => Math.Pow(Math.Clamp(p.First, 0, 1) - (p.Second ? 1 : 0), 2)),
        };
    }

    /// <summary>One row.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .With(
                Column.Number("Samples"),
                Column.Number("Positives"),
                Column.Number("AUROC", "", "0.000"),
                Column.Number("AP", "", "0.000"),
                Column.Number("F1", "", "0.000"),
                Column.Number("Precision", "%", "0.0"),
                Column.Number("Recall", "%", "0.0"),
                Column.Number("Brier", "", "0.000")
            )
            .Row(Count, Positives, Auroc, AveragePrecision, F1, 100 * Precision, 100 * Recall, Brier)
            .Caption(FormattableString.Invariant($"Detected where the score is at least {Threshold}"));
}
