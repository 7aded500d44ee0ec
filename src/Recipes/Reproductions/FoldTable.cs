using Recipes.Display;
using Recipes.Models;
using Recipes.Reproductions.Parity;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions;

/// <summary>One network before and after folding.</summary>
/// <param name="Name">The spec's name.</param>
/// <param name="Evidence">What folding did, on a network with random weights and random batch statistics.</param>
/// <param name="Train">Latency of the train-time form.</param>
/// <param name="Folded">Latency of the folded form.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FoldRow(string Name, ReparameterizeEvidence Evidence, Latency Train, Latency Folded) : IDisplay
{
    private Table Latencies =>
        Table
            .With(Column.Text(Name), Column.Number("Median", "ms"), Column.Number("95 % within", "ms"))
            .Row("train-time", Train.Median, Train.P95)
            .Row("folded", Folded.Median, Folded.P95)
            .Caption($"{Numbers.Short(Speedup)} times faster");

    /// <summary>Latencies and evidence.</summary>
    public string ToHtml() => new Blocks(Latencies, Evidence).ToHtml();

    /// <summary>Latencies and evidence as text.</summary>
    public override string ToString() => $"{Latencies}\n{Evidence}";

    /// <summary>How many times faster the folded form is.</summary>
    public double Speedup => Train.Median / Folded.Median;
}

/// <summary>Folds networks and measures both forms side by side.</summary>
public static class FoldTable
{
    /// <summary>Parameters of networks in their folded form.</summary>
    public static IReadOnlyList<long> Parameters(IEnumerable<ModelSpec> specs) =>
        [.. specs.Select(spec => ModelInfo.Of(spec, 64)).Select(info => (info.Folded ?? info.Train).Parameters)];

    /// <summary>
    /// Measures specs at a resolution with one image. All forms of all networks take turns: the one that comes first pays no
    /// more than the others for a process that still warms up.
    /// </summary>
    /// <param name="specs">What to build. Weights and batch statistics are random: fresh statistics would hide errors of biases.</param>
    /// <param name="resolution">Pixels a side.</param>
    /// <param name="rounds">Timed passes of each form.</param>
    /// <param name="timedAt">Pixels a side for the latencies; the resolution when null.</param>
    public static IReadOnlyList<FoldRow> Measure(IEnumerable<ModelSpec> specs, int resolution = 224, int rounds = 15, int? timedAt = null)
    {
        long[] input = [1, 3, resolution, resolution];
        var folds = new List<(ModelSpec Spec, Module<Tensor, Tensor> Train, Folded<Module<Tensor, Tensor>> Folded)>();
        try
        {
            foreach (var spec in specs)
            {
                var train = spec.Build();
                // Variances that keep activations of order one, as the goldens have them; layer scales of order one, because from
                // their initial 1e-5 a token mixer adds nothing that a wrong fold could change.
                SeededWeights.Fill(train, new SeedScales(spec is MobileOneSpec { Branches: > 1 } ? 4 : 1.75, 0.5, 1, 0.05, 10000));
                train.eval();
                folds.Add((spec, train, train.Reparameterize(new ReparameterizeOptions { Probe = input })));
            }
            var side = timedAt ?? resolution;
            var times = Latency.Compare([.. folds.SelectMany(f => new[] { f.Train, f.Folded.Model })], [1, 3, side, side], rounds);
            return [.. folds.Select((f, i) => new FoldRow(f.Spec.Name, f.Folded.Evidence, times[2 * i], times[2 * i + 1]))];
        }
        finally
        {
            foreach (var (_, train, folded) in folds)
            {
                train.Dispose();
                folded.Model.Dispose();
            }
        }
    }
}
