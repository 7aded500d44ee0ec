using System.Diagnostics;
using Recipes.Display;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Time of one forward pass in milliseconds.</summary>
/// <param name="Median">Half of the passes were faster.</param>
/// <param name="P95">One pass in twenty was slower.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public readonly record struct Latency(double Median, double P95) : IDisplay
{
    /// <summary>Both times in a table.</summary>
    public string ToHtml() => Table.With(Column.Number("Median", "ms"), Column.Number("95 % within", "ms")).Row(Median, P95).ToHtml();

    /// <summary>Both times in a line.</summary>
    public override string ToString() => $"{Numbers.Text(Median)} ms (95 % within {Numbers.Text(P95)} ms)";

    /// <summary>
    /// Times networks side by side: round after round each runs once, so that a drift of the machine's speed touches all alike
    /// and ratios hold.
    /// </summary>
    /// <param name="networks">Networks in evaluation mode.</param>
    /// <param name="input">The shape of the input, batch included.</param>
    /// <param name="rounds">Measured passes of each.</param>
    /// <param name="warmup">Passes before that.</param>
    /// <param name="cancellation">Stops between rounds.</param>
    public static IReadOnlyList<Latency> Compare(
        IReadOnlyList<Module<Tensor, Tensor>> networks,
        long[] input,
        int rounds = 20,
        int warmup = 3,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var inputs = networks.Select(n => n.parameters().First()).Select(p => rand(input, p.dtype, p.device)).ToList();
        return Compare([.. networks.Select((n, i) => (Action)(() => Pass(n, inputs[i])))], rounds, warmup, cancellation);
    }

    /// <summary>Times pieces of work side by side, as <see cref="Compare(IReadOnlyList{Module{Tensor, Tensor}}, long[], int, int, CancellationToken)"/>.</summary>
    /// <param name="work">Each does its work once, and waits for a device that it uses.</param>
    /// <param name="rounds">Measured runs of each.</param>
    /// <param name="warmup">Runs before that.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static IReadOnlyList<Latency> Compare(
        IReadOnlyList<Action> work,
        int rounds = 20,
        int warmup = 3,
        CancellationToken cancellation = default
    )
    {
        var times = work.Select(_ => new List<double>(rounds)).ToList();
        for (var round = -warmup; round < rounds; round++)
        {
            for (var i = 0; i < work.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var clock = Stopwatch.StartNew();
                work[i]();
                if (round >= 0)
                    times[i].Add(clock.Elapsed.TotalMilliseconds);
            }
        }
        return [.. times.Select(Of)];
    }

    private static void Pass(Module<Tensor, Tensor> network, Tensor input)
    {
        using var output = network.call(input);
        if (output.device_type == DeviceType.CUDA)
            cuda.synchronize();
    }

    private static Latency Of(List<double> times)
    {
        times.Sort();
        return new Latency(times[times.Count / 2], times[Math.Min(times.Count - 1, (int)(times.Count * 0.95))]);
    }
}
