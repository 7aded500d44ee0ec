using Recipes.Display;

namespace Recipes.Training;

/// <summary>A classifier of several classes, measured by its probabilities (scikit-learn's definitions).</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MulticlassResult : IDisplay
{
    /// <summary>Samples.</summary>
    public required int Count { get; init; }

    /// <summary>Share of samples whose first guess is right.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Mean over classes of F1.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Mean −ln p of the right class, in nats.</summary>
    public required double LogLoss { get; init; }

    /// <summary>AUROC of each class against the rest.</summary>
    public required IReadOnlyList<double> AurocByClass { get; init; }

    /// <summary>Average precision of each class against the rest.</summary>
    public required IReadOnlyList<double> AveragePrecisionByClass { get; init; }

    /// <summary>Average precision of all (sample, class) pairs together.</summary>
    public required double MicroAveragePrecision { get; init; }

    /// <summary>AUROC of each class against each other class, mean over ordered pairs.</summary>
    public required double AurocOneVersusOne { get; init; }

    /// <summary>Samples of each class.</summary>
    public required IReadOnlyList<int> Labelled { get; init; }

    /// <summary>Mean of <see cref="AurocByClass"/>.</summary>
    public double Auroc => AurocByClass.Average();

    /// <summary>Mean of <see cref="AurocByClass"/>, weighted by samples.</summary>
    public double WeightedAuroc => AurocByClass.Zip(Labelled, (a, n) => a * n).Sum() / Count;

    /// <summary>Mean of <see cref="AveragePrecisionByClass"/>.</summary>
    public double MeanAveragePrecision => AveragePrecisionByClass.Average();

    /// <summary>Measures.</summary>
    /// <param name="probabilities">A row for each sample, a number for each class.</param>
    /// <param name="labels">The right class of each sample.</param>
    /// <exception cref="RecipesException">There are not as many labels as rows, or a label is no class.</exception>
    public static MulticlassResult Of(IReadOnlyList<IReadOnlyList<double>> probabilities, IReadOnlyList<int> labels)
    {
        var classes = probabilities.Count > 0 ? probabilities[0].Count : 0;
        if (probabilities.Count == 0 || labels.Count != probabilities.Count || labels.Any(l => l < 0 || l >= classes))
            throw new RecipesException(
                $"multiclass: expected a label of 0 to {classes - 1} for each of at least one row, found {labels.Count} labels for {probabilities.Count} rows."
            );
        var range = Enumerable.Range(0, classes).ToList();
        var guesses = probabilities.Select(row => range.MaxBy(c => row[c])).ToList();
        var labelled = range.Select(c => labels.Count(l => l == c)).ToList();
        return new MulticlassResult
        {
            Count = labels.Count,
            Accuracy = (double)guesses.Zip(labels).Count(p => p.First == p.Second) / labels.Count,
            MacroF1 = range.Average(F1),
            LogLoss = -probabilities.Zip(labels, (row, l) => Math.Log(row[l])).Average(),
            AurocByClass = [.. range.Select(c => Ranking.Auroc(Scores(c), Is(c)))],
            AveragePrecisionByClass = [.. range.Select(c => Ranking.AveragePrecision(Scores(c), Is(c)))],
            MicroAveragePrecision = Ranking.AveragePrecision(
                [.. probabilities.SelectMany(row => row)],
                [.. labels.SelectMany(l => range.Select(c => c == l))]
            ),
            AurocOneVersusOne = range
                .SelectMany(a => range.Where(b => b != a).Select(b => OneVersusOne(a, b)))
                .DefaultIfEmpty(double.NaN)
                .Average(),
            Labelled = labelled,
        };

        List<double> Scores(int c) => [.. probabilities.Select(row => row[c])];
        List<bool> Is(int c) => [.. labels.Select(l => l == c)];

        // Among the samples of a and b, by the score of a.
        double OneVersusOne(int a, int b)
        {
            var both = probabilities.Zip(labels).Where(s => s.Second == a || s.Second == b).ToList();
            return Ranking.Auroc([.. both.Select(s => s.First[a])], [.. both.Select(s => s.Second == a)]);
        }

        double F1(int c)
        {
            var hits = guesses.Zip(labels).Count(p => p.First == c && p.Second == c);
            return labelled[c] + guesses.Count(g => g == c) is > 0 and var n ? 2.0 * hits / n : 0;
        }
    }

    /// <summary>The numbers, and each class against the rest.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show() =>
        new(
            Table
                .With(
                    Column.Number("Samples"),
                    Column.Number("Accuracy", "%", "0.0"),
                    Column.Number("F1", "", "0.000"),
                    Column.Number("Log loss", "nats"),
                    Column.Number("AUROC", "", "0.000"),
                    Column.Number("mAP", "", "0.000")
                )
                .Row(Count, 100 * Accuracy, MacroF1, LogLoss, Auroc, MeanAveragePrecision),
            Table.From(
                Labelled.Select((n, c) => (n, c)),
                (Column.Text("Class"), r => $"{r.c}"),
                (Column.Number("Samples"), r => r.n),
                (Column.Number("AUROC", "", "0.000"), r => AurocByClass[r.c]),
                (Column.Number("AP", "", "0.000"), r => AveragePrecisionByClass[r.c])
            )
        );
}
