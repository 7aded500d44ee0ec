using System.Diagnostics;

namespace Recipes.Benchmarks;

/// <summary>
/// The Jupyter kernel as a client meets it. The aims: first result within 3 s in C# and 5 s in F#, 20 ms for a trivial cell,
/// 300 ms for completions, and no memory that grows with what was shown.
/// </summary>
internal static class KernelBenchmark
{
    private const int Cells = 20;
    private const int Displays = 1000;

    /// <summary>All tables of the kernel.</summary>
    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        yield return Table.Measure(
            "from the start of the process to the result of 1 + 1",
            0,
            options.Quick ? 1 : Math.Min(5, options.Rounds),
            new Arm("C#", () => Start("csharp")),
            new Arm("F#", () => Start("fsharp"))
        );
        using var csharp = new KernelPeer("csharp");
        using var fsharp = new KernelPeer("fsharp");
        yield return Table.Measure(
            $"{Cells} trivial cells, request to reply",
            1,
            options.Rounds,
            new Arm("C#", () => Each(csharp, peer => peer.Run("1"))),
            new Arm("F#", () => Each(fsharp, peer => peer.Run("1")))
        );
        yield return Table.Measure(
            "completions of System.Console.",
            2,
            options.Rounds,
            new Arm("C#", () => Cost(csharp, () => Complete(csharp))),
            new Arm("F#", () => Cost(fsharp, () => Complete(fsharp)))
        );
        yield return Memory(csharp, options.Quick ? 2 : 5);
    }

    private static Table Memory(KernelPeer peer, int rounds)
    {
        var show = $"for (var i = 0; i < {Displays}; i++) display(new string('x', 10_000) + i, \"text/html\");";
        var sizes = new List<double>();
        var table = Table.Measure(
            "",
            1,
            rounds,
            new Arm(
                "C#",
                () =>
                {
                    var cost = Cost(peer, () => peer.Run(show));
                    sizes.Add(peer.Megabytes);
                    return cost;
                }
            )
        );
        var memory = string.Join(", ", sizes.Select(s => $"{s:F0}"));
        return table with { Title = $"{Displays} displays of 10 kB HTML; the kernel's memory after each round, in MB: {memory}" };
    }

    private static Cost Start(string language)
    {
        var watch = Stopwatch.StartNew();
        using var peer = new KernelPeer(language);
        peer.Run("1 + 1");
        return new Cost(watch.Elapsed.TotalMilliseconds, peer.Processor);
    }

    private static Cost Each(KernelPeer peer, Action<KernelPeer> cell) =>
        Cost(
            peer,
            () =>
            {
                for (var i = 0; i < Cells; i++)
                    cell(peer);
            }
        );

    private static void Complete(KernelPeer peer)
    {
        if (peer.Complete("System.Console.") < 10)
            throw new RecipesException("Too few completions of System.Console.");
    }

    private static Cost Cost(KernelPeer peer, Action work)
    {
        var (watch, before) = (Stopwatch.StartNew(), peer.Processor);
        work();
        return new Cost(watch.Elapsed.TotalMilliseconds, peer.Processor - before);
    }
}
