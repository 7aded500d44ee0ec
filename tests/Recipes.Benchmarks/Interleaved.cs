using System.Diagnostics;
using System.Globalization;

namespace Recipes.Benchmarks;

/// <summary>One way of doing the work under comparison.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Step">Does the work once and returns what it took.</param>
public sealed record Arm(string Name, Func<Cost> Step);

/// <summary>Wall-clock and processor milliseconds of one step.</summary>
public readonly record struct Cost(double Wall, double Processor)
{
    /// <summary>Measures work in this process.</summary>
    public static Cost Of(Action work)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        work();
        var wall = watch.Elapsed.TotalMilliseconds;
        process.Refresh();
        return new Cost(wall, (process.TotalProcessorTime - before).TotalMilliseconds);
    }
}

/// <summary>A measured arm: medians in milliseconds, the spread, and how many times faster it is than the first arm.</summary>
/// <param name="Name">The arm.</param>
/// <param name="Wall">Median wall-clock time.</param>
/// <param name="Processor">Median processor time.</param>
/// <param name="Fastest">Shortest wall-clock time.</param>
/// <param name="Spread">Interquartile range over median; above about 0.2 the machine was busy, and the processor ratio is the better guide.</param>
/// <param name="Ratio">Median over rounds of (first arm / this arm), wall-clock.</param>
/// <param name="ProcessorRatio">The same of processor time.</param>
public sealed record Row(string Name, double Wall, double Processor, double Fastest, double Spread, double Ratio, double ProcessorRatio);

/// <summary>A comparison measured as A B C A B C … in one run, so that what disturbs one arm disturbs all.</summary>
/// <param name="Title">What is compared.</param>
/// <param name="Rows">One for each arm, in order; ratios are against the first.</param>
public sealed record Table(string Title, IReadOnlyList<Row> Rows)
{
    /// <summary>Warms every arm up, then measures rounds.</summary>
    public static Table Measure(string title, int warmUp, int rounds, params IReadOnlyList<Arm> arms)
    {
        for (var i = 0; i < warmUp; i++)
        {
            foreach (var arm in arms)
                arm.Step();
        }
        var costs = arms.Select(_ => new List<Cost>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var a = 0; a < arms.Count; a++)
                costs[a].Add(arms[a].Step());
        }
        return new Table(title, [.. arms.Select((arm, a) => Summary(arm.Name, costs[a], costs[0]))]);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var width = Rows.Max(r => r.Name.Length);
        var lines = Rows.Select(r =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {r.Name.PadRight(width)} {r.Wall, 9:F1} {r.Processor, 9:F1} {r.Fastest, 9:F1} {r.Spread, 7:P0} {r.Ratio, 8:F2}x {r.ProcessorRatio, 8:F2}x"
            )
        );
        var head = $"  {"".PadRight(width)}  wall ms    cpu ms   fastest  spread    faster  less cpu";
        return string.Join('\n', [Title, head, .. lines]);
    }

    private static Row Summary(string name, List<Cost> costs, List<Cost> first)
    {
        var wall = Sorted(costs.Select(c => c.Wall));
        return new Row(
            name,
            Median(wall),
            Median(Sorted(costs.Select(c => c.Processor))),
            wall[0],
            (wall[wall.Length * 3 / 4] - wall[wall.Length / 4]) / Median(wall),
            Median(Sorted(first.Zip(costs, (f, c) => f.Wall / c.Wall))),
            Median(Sorted(first.Zip(costs, (f, c) => f.Processor / Math.Max(c.Processor, 1e-3))))
        );
    }

    private static double[] Sorted(IEnumerable<double> values) => [.. values.Order()];

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];
}
