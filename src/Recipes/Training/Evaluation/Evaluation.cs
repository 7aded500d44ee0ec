using System.Collections.Frozen;
using Recipes.Display;

namespace Recipes.Training;

/// <summary>How to evaluate.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Sample predictions to keep, spread evenly over the set.</summary>
    public int Samples { get; init; }

    /// <summary>Memory layout of images; the same choice as in training gives the same bits.</summary>
    public ChannelsLast ChannelsLast { get; init; }
}

/// <summary>One test sample's prediction, for reports.</summary>
/// <param name="Index">The sample's place in the test set.</param>
/// <param name="Label">Its class.</param>
/// <param name="Predicted">The first guess.</param>
/// <param name="Probability">The softmax probability of the first guess.</param>
public sealed record Prediction(int Index, int Label, int Predicted, double Probability);

/// <summary>A classifier measured on a whole set, every sample once, without augmentation.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Evaluation : IDisplay
{
    /// <summary>Samples.</summary>
    public required int Count { get; init; }

    /// <summary>Mean cross-entropy in nats, without label smoothing.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of samples whose first guess is right, 0 to 1.</summary>
    public required double Top1 { get; init; }

    /// <summary>Share of samples with the right class among the first five guesses, 0 to 1.</summary>
    public required double Top5 { get; init; }

    /// <summary>Counts by true class, then by predicted class.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; } = [];

    /// <summary>Some predictions.</summary>
    public IReadOnlyList<Prediction> Samples { get; init; } = [];

    /// <summary>Other measures by name, such as <c>miou</c>, <c>rmse</c> or recalls of retrieval; <see cref="Top1"/> and <see cref="Top5"/> are NaN where they have no meaning.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = FrozenDictionary<string, double>.Empty;

    /// <summary>The numbers, and the confusion of up to 20 classes.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show()
    {
        (Column Head, object Value)[] cells =
        [
            (Column.Number("Samples"), Count),
            .. double.IsNaN(Top1) ? [] : new[] { (Column.Number("Top-1", "%", "0.00"), (object)(100 * Top1)) },
            .. double.IsNaN(Top5) ? [] : new[] { (Column.Number("Top-5", "%", "0.00"), (object)(100 * Top5)) },
            (Column.Number("Loss", "nats"), Loss),
            .. Numbers.Select(n => (Column.Number(n.Key), (object)n.Value)),
        ];
        var numbers = Table.With([.. cells.Select(c => c.Head)]).Row([.. cells.Select(c => c.Value)]);
        if (Confusion.Count is 0 or > 20)
            return new Blocks(numbers);
        var confusion = Table
            .With([Column.Text("Class"), .. Confusion.Select((_, i) => Column.Number($"{i}"))])
            .Rows(Confusion.Select((row, i) => (object?[])[$"{i}", .. row.Select(n => (object?)(n == 0 ? new Cell("·", Tone.Quiet) : n))]))
            .Caption("Rows: true classes. Columns: predicted.");
        return new Blocks(numbers, confusion);
    }
}
