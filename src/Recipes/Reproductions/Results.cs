using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Recipes.Display;
using Recipes.Training;

namespace Recipes.Reproductions;

/// <summary>What a run has measured: its arms' results and its other measurements, each made once. Claims and report sections read it.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed partial class Results : IDisplay
{
    private readonly Dictionary<string, List<ArmResult>> _arms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _absent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<object>> _measurements = new(StringComparer.Ordinal);

    /// <summary>Starts empty.</summary>
    public Results(Settings settings, IReadOnlyList<long> seeds)
    {
        (Settings, Seeds) = (settings, seeds);
    }

    /// <summary>The values of the run's settings.</summary>
    public Settings Settings { get; }

    /// <summary>The seeds that every arm ran with.</summary>
    public IReadOnlyList<long> Seeds { get; }

    /// <summary>Names of the arms that ran, in order.</summary>
    public IReadOnlyList<string> Arms => [.. _arms.Keys];

    /// <summary>An arm's results over seeds.</summary>
    /// <exception cref="NotAttemptedException">The arm did not run; the reason says why.</exception>
    public ArmResults this[string arm] =>
        _arms.TryGetValue(arm, out var runs)
            ? new ArmResults(arm, runs)
            : throw new NotAttemptedException(_absent.GetValueOrDefault(arm, $"the arm '{arm}' did not run"));

    /// <summary>The value of a measurement, made at its first use.</summary>
    public T Get<T>(Measurement<T> measurement)
        where T : notnull => (T)_measurements.GetOrAdd(measurement.Name, _ => new Lazy<object>(() => measurement.Make(this))).Value;

    /// <summary>Adds one seed's result of an arm.</summary>
    public void Add(ArmResult result)
    {
        if (!_arms.TryGetValue(result.Arm, out var runs))
            _arms[result.Arm] = runs = [];
        runs.Add(result);
    }

    /// <summary>Notes why an arm does not run.</summary>
    public void Skip(string arm, string reason) => _absent[arm] = reason;
}

/// <summary>One arm over its seeds.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed partial record ArmResults(string Arm, IReadOnlyList<ArmResult> Runs) : IDisplay
{
    /// <summary>A number by name, over seeds: <c>top1</c>, <c>train_loss</c>, <c>seconds</c> …</summary>
    public Spread this[string number] => new([.. Runs.Select(r => r[number])]);

    /// <summary>Whether there is a number of this name for every seed.</summary>
    public bool Has(string number) => Runs.All(r => r.Numbers.ContainsKey(number));

    /// <summary>Final test accuracy in percent.</summary>
    public Spread Top1 => this["top1"];

    /// <summary>Mean training loss of the last epoch.</summary>
    public Spread TrainLoss => this["train_loss"];

    /// <summary>The record of one training.</summary>
    public static ArmResult From(string arm, long seed, JsonNode recipe, RecipeOutcome outcome)
    {
        var result = From(arm, seed, recipe, outcome.Training, outcome.Evaluation);
        var numbers = new SortedDictionary<string, double>(result.Numbers.ToDictionary(n => n.Key, n => n.Value), StringComparer.Ordinal);
        if (outcome.Folded is { } folded && outcome.FoldedEvaluation is { } measured)
        {
            numbers["folded_top1"] = 100 * measured.Top1;
            numbers["fold_relative_difference"] = folded.Evidence.RelativeDifference;
        }
        foreach (var row in outcome.Robustness?.Corrupted ?? [])
            numbers[CorruptionErrors.Number(row.Corruption)] = 100 * row.Top1;
        return result with { Numbers = numbers };
    }

    /// <summary>The record of one training of any kind; the evaluation's other numbers keep their names.</summary>
    public static ArmResult From(string arm, long seed, JsonNode recipe, TrainResult training, Evaluation evaluation)
    {
        var last = training.History[^1];
        var numbers = new SortedDictionary<string, double>(
            evaluation.Numbers.ToDictionary(n => n.Key, n => n.Value),
            StringComparer.Ordinal
        )
        {
            ["test_loss"] = evaluation.Loss,
            ["train_loss"] = last.TrainLoss,
            ["seconds"] = training.Seconds,
            ["steps"] = training.Steps,
            ["images_per_second"] = training.History.Average(row => row.ImagesPerSecond),
            ["peak_memory"] = training.PeakMemory,
            ["live_tensors_growth"] = training.LiveTensorsLate - training.LiveTensorsEarly,
        };
        if (!double.IsNaN(evaluation.Top1))
            numbers["top1"] = 100 * evaluation.Top1;
        if (training.Final is { } raw && !double.IsNaN(raw.Top1))
            numbers["raw_top1"] = 100 * raw.Top1;
        return new ArmResult
        {
            Arm = arm,
            Seed = seed,
            Recipe = recipe.DeepClone(),
            Numbers = numbers,
            Curve =
            [
                .. training.History.Select(r => new CurvePoint(
                    r.Epoch + 1,
                    r.TrainLoss,
                    r.EmaLoss ?? r.TestLoss ?? double.NaN,
                    100 * (r.EmaTop1 ?? r.Top1 ?? double.NaN)
                )),
            ],
            Samples = [.. evaluation.Samples.Select(p => new SamplePrediction(p.Index, p.Label, p.Predicted, p.Probability))],
        };
    }
}

/// <summary>A measurement beside training: its name and how it is made from a run's results.</summary>
public sealed record Measurement<T>(string Name, Func<Results, T> Make)
    where T : notnull;

/// <summary>Names a <see cref="Measurement{T}"/>.</summary>
public static class Measurement
{
    /// <summary>A measurement made at most once a run.</summary>
    public static Measurement<T> Of<T>(string name, Func<Results, T> make)
        where T : notnull => new(name, make);
}
