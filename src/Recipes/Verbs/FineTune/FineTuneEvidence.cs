using Recipes.Data;
using Recipes.Display;
using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>What a network for a dense task learned.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Head">The kind of its head.</param>
/// <param name="Task">The task.</param>
/// <param name="Frozen">Whether the encoder kept its weights.</param>
/// <param name="Labelled">Training pictures with labels.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Seconds">Time of the training.</param>
/// <param name="History">One row for each epoch.</param>
/// <param name="Test">The network in the end on the test pictures.</param>
/// <param name="Pictures">Some of them with predictions.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FineTuneEvidence(
    string Network,
    string Head,
    DenseTask Task,
    bool Frozen,
    int Labelled,
    long Steps,
    double Seconds,
    IReadOnlyList<EpochRow> History,
    Evaluation Test,
    DensePictures Pictures
) : IDisplay
{
    /// <summary>A measure of the test pictures by name, such as <c>miou</c>, <c>rmse</c> or <c>ap50</c>.</summary>
    /// <exception cref="RecipesException">There is none of this name.</exception>
    public double this[string number] =>
        Test.Numbers.TryGetValue(number, out var value)
            ? value
            : throw new RecipesException(
                $"{Network}: no measure '{number}'{Nearest.End(number, Test.Numbers.Keys)} Known: {string.Join(", ", Test.Numbers.Keys)}."
            );

    /// <summary>Numbers, the course of the training, and pictures.</summary>
    public string ToHtml() => new Blocks([Numbers(), Course(), Pictures.Show()]).ToHtml();

    /// <summary>Numbers and pictures as text.</summary>
    public override string ToString() => new Blocks(Numbers(), Pictures.Show()).ToString();

    private Table Numbers() =>
        Table
            .With([
                Column.Text("Network"),
                Column.Text("Head"),
                Column.Text("Encoder"),
                Column.Number("Labelled pictures"),
                Column.Number("Steps"),
                Column.Number("Test loss"),
                .. Test.Numbers.Keys.Select(name => Column.Number(name)),
            ])
            .Row([Network, Head, Frozen ? "frozen" : "trained", Labelled, Steps, Test.Loss, .. Test.Numbers.Values.Select(v => (object?)v)])
            .Caption($"{Task}, {Test.Count:#,0} test pictures; {Display.Numbers.Duration(TimeSpan.FromSeconds(Seconds))} of training");

    private ChartBlock Course()
    {
        var epochs = History.Select(r => r.Epoch + 1.0).ToList();
        return Charts.Curves(
            "Fine-tuning",
            "epoch",
            "loss",
            [
                Series.Curve("training", epochs, History.Select(r => r.TrainLoss)),
                Series.Curve("test", epochs, History.Select(r => r.TestLoss ?? double.NaN)),
            ]
        );
    }
}
