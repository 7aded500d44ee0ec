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
    private const int Fewest = 3;

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
    ) => [.. Times(work, rounds, warmup, cancellation: cancellation).Select(Of)];

    /// <summary>The times behind <see cref="Compare(IReadOnlyList{Action}, int, int, CancellationToken)"/>: those of one round belong together.</summary>
    /// <param name="work">As there.</param>
    /// <param name="rounds">As there.</param>
    /// <param name="warmup">As there.</param>
    /// <param name="before">Done before each run and not timed; it gets the number of the work. Null for nothing.</param>
    /// <param name="most">Ends the rounds, three at least, when they have taken so long; null for no limit.</param>
    /// <param name="cancellation">As there.</param>
    /// <returns>Milliseconds of each work, by round.</returns>
    public static IReadOnlyList<IReadOnlyList<double>> Times(
        IReadOnlyList<Action> work,
        int rounds,
        int warmup,
        Action<int>? before = null,
        TimeSpan? most = null,
        CancellationToken cancellation = default
    )
    {
        var times = work.Select(_ => new List<double>()).ToList();
        var whole = new Stopwatch();
        for (var round = -warmup; round < rounds && !(round >= Fewest && whole.Elapsed > most); round++)
        {
            if (round == 0)
                whole.Start();
            for (var i = 0; i < work.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                before?.Invoke(i);
                var clock = Stopwatch.StartNew();
                work[i]();
                if (round >= 0)
                    times[i].Add(clock.Elapsed.TotalMilliseconds);
            }
        }
        return times;
    }

    /// <summary>The summary of some times in milliseconds.</summary>
    /// <param name="times">At least one.</param>
    public static Latency Of(IReadOnlyList<double> times)
    {
        var sorted = times.Order().ToList();
        return new Latency(sorted[sorted.Count / 2], sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * 0.95))]);
    }

    private static void Pass(Module<Tensor, Tensor> network, Tensor input)
    {
        using var output = network.call(input);
        if (output.device_type == DeviceType.CUDA)
            cuda.synchronize();
    }
}
