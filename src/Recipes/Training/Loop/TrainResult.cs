using System.Text.Json.Serialization;
using Recipes.Display;
using Recipes.Weights;

namespace Recipes.Training;

/// <summary>What training gave. The module itself holds the trained weights; this holds the averaged ones, if any.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record TrainResult : IDisposable, IDisplay
{
    /// <summary>One row for each epoch.</summary>
    public required IReadOnlyList<EpochRow> History { get; init; }

    /// <summary>The trained weights on the test set; null without one.</summary>
    public Evaluation? Final { get; init; }

    /// <summary>The averaged weights on the test set; null without one or the other.</summary>
    public Evaluation? FinalEma { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps left out because something was not finite.</summary>
    public int Skipped { get; init; }

    /// <summary>The step that this process went on from; 0 if it began.</summary>
    public long ResumedAt { get; init; }

    /// <summary>Time spent on the run, earlier processes included, in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>The process's largest resident memory so far, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>Live tensors of the loop's thread after this process's second step.</summary>
    public long LiveTensorsEarly { get; init; }

    /// <summary>Live tensors of the loop's thread after the last step; equal to <see cref="LiveTensorsEarly"/> unless something leaks.</summary>
    public long LiveTensorsLate { get; init; }

    /// <summary>The module's state with averaged weights and statistics; null without averaging. <c>Ema.Restore(module)</c> applies it.</summary>
    [JsonIgnore]
    public StateSnapshot? Ema { get; init; }

    /// <summary>Frees the averaged weights.</summary>
    public void Dispose() => Ema?.Dispose();

    /// <summary>The history as a table and as curves.</summary>
    public string ToHtml()
    {
        var epochs = History.Select(r => r.Epoch + 1.0).ToList();
        Series[] accuracies = [.. Curve("trained weights", r => 100 * r.Top1), .. Curve("averaged weights", r => 100 * r.EmaTop1)];
        return new Blocks([
            Charts.Curves(
                "Training loss",
                "epoch",
                "training loss (nats)",
                [Series.Curve("training", epochs, History.Select(r => r.TrainLoss))]
            ),
            .. accuracies.Length > 0 ? [Charts.Curves("Test accuracy", "epoch", "top-1 (%)", accuracies)] : Array.Empty<Block>(),
            Show(),
        ]).ToHtml();

        IEnumerable<Series> Curve(string name, Func<EpochRow, double?> value) =>
            History.Any(r => value(r) is not null) ? [Series.Curve(name, epochs, History.Select(r => value(r) ?? double.NaN))] : [];
    }

    /// <summary>The history as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show()
    {
        var named = History.SelectMany(r => r.Numbers?.Keys ?? []).Distinct(StringComparer.Ordinal);
        (Column, Func<EpochRow, object?>)[] columns =
        [
            (Column.Number("Epoch"), r => r.Epoch + 1),
            (Column.Number("Train loss"), r => r.TrainLoss),
            (Column.Number("Test loss"), r => r.TestLoss),
            (Column.Number("Top-1", "%", "0.0"), r => 100 * r.Top1),
            (Column.Number("Averaged", "%", "0.0"), r => 100 * r.EmaTop1),
            .. named.Select(name => (Column.Number(name), (Func<EpochRow, object?>)(r => Number(r, name)))),
            (Column.Number("Speed", "images/s", "0"), r => r.ImagesPerSecond),
        ];
        return Table
            .From(History, columns)
            .Caption($"{Steps:#,0} steps in {Numbers.Duration(TimeSpan.FromSeconds(Seconds))}, peak memory {Numbers.Bytes(PeakMemory)}");
    }

    private static double? Number(EpochRow row, string name) =>
        row.Numbers is { } numbers && numbers.TryGetValue(name, out var value) ? value : null;
}
