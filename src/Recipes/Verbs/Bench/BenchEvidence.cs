using System.Text.Json.Serialization;
using Recipes.Display;

namespace Recipes.Verbs;

/// <summary>Latency, throughput and memory of all cases, measured side by side in one run.</summary>
/// <param name="Results">One for each case; those of one task stand together.</param>
/// <param name="Rounds">Measured runs of each.</param>
/// <param name="Threads">Threads of both engines.</param>
/// <param name="Torch">How the torch engine was prepared.</param>
/// <param name="Notes">What was left out, and why.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record BenchEvidence(IReadOnlyList<BenchResult> Results, int Rounds, int Threads, string Torch, IReadOnlyList<string> Notes)
    : IDisplay
{
    /// <summary>The numbers.</summary>
    [JsonIgnore]
    public Table Table =>
        Table
            .From(
                Results,
                [
                    (Column.Text("Model"), r => r.Case.Name),
                    (Column.Text("Input"), r => r.Case.Size),
                    (Column.Number("Batch"), r => r.Case.Batch),
                    (Column.Text("Engine"), r => r.Case.Engine == BenchEngine.Torch ? "torch" : "onnx"),
                    (Column.Text("Form"), r => r.Case.FormText()),
                    (Column.Number("Median", "ms"), r => r.Latency.Median),
                    (Column.Number("95 % within", "ms"), r => r.Latency.P95),
                    (Column.Number("Throughput", "1/s"), r => r.Throughput),
                    (Column.Number("Faster", "×", "0.00"), r => r.Faster),
                    .. Results.Any(r => r.Memory is not null)
                        ? ((Column, Func<BenchResult, object?>)[])
                            [(Column.Number("Peak memory", "MB", "#,0"), r => r.Memory is { } bytes ? bytes / 1e6 : null)]
                        : [],
                    (Column.Number("Difference"), r => r.Difference),
                ]
            )
            .Caption(Caption());

    /// <summary>The latencies, a group for each task and a colour for each engine and form.</summary>
    [JsonIgnore]
    public ChartBlock Chart
    {
        get
        {
            var tasks = Results.Select(r => r.Case.Task).Distinct(StringComparer.Ordinal).ToList();
            var found = Results.ToLookup(r => (r.Case.Task, r.Case.Way));
            return Charts.Bars(
                "Median of one run",
                "latency (ms)",
                tasks,
                Results
                    .Select(r => r.Case.Way)
                    .Distinct(StringComparer.Ordinal)
                    .Select(way =>
                        Series.Bars(way, tasks.Select(t => found[(t, way)].Select(r => r.Latency.Median).FirstOrDefault(double.NaN)))
                    )
            );
        }
    }

    /// <summary>The table and the chart.</summary>
    public string ToHtml() => new Blocks(Table, Chart).ToHtml();

    /// <summary>The table.</summary>
    public override string ToString() => string.Join('\n', [$"{Table}".TrimEnd(), .. Notes]);

    private string Caption() =>
        $"{Rounds} runs of each case in turn, {Threads} threads; torch: {Torch}. Faster and difference: against the first line of the same input and batch."
        + (
            Results.Any(r => r.Memory is not null)
                ? " Peak memory: resident while it runs, weights included, beyond a process that has loaded the libraries."
                : ""
        );
}
