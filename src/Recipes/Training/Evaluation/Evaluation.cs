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

    /// <summary>Other measures by name, such as recalls of retrieval; may be empty.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = FrozenDictionary<string, double>.Empty;

    /// <summary>Counts by true class, then by predicted class.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; } = [];

    /// <summary>Some predictions.</summary>
    public IReadOnlyList<Prediction> Samples { get; init; } = [];

    /// <summary>The numbers, and the confusion of up to 20 classes.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show()
    {
        var numbers = Table
            .With(
                Column.Number("Samples"),
                Column.Number("Top-1", "%", "0.00"),
                Column.Number("Top-5", "%", "0.00"),
                Column.Number("Loss", "nats")
            )
            .Row(Count, 100 * Top1, 100 * Top5, Loss);
        Block[] others =
            Numbers.Count == 0 ? [] : [Table.From(Numbers, (Column.Text("Measure"), n => n.Key), (Column.Number("Value"), n => n.Value))];
        if (Confusion.Count is 0 or > 20)
            return new Blocks([numbers, .. others]);
        var confusion = Table
            .With([Column.Text("Class"), .. Confusion.Select((_, i) => Column.Number($"{i}"))])
            .Rows(Confusion.Select((row, i) => (object?[])[$"{i}", .. row.Select(n => (object?)(n == 0 ? new Cell("·", Tone.Quiet) : n))]))
            .Caption("Rows: true classes. Columns: predicted.");
        return new Blocks([numbers, .. others, confusion]);
    }
}
