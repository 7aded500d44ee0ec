using Recipes.Models;

namespace Recipes.Benchmarks;

/// <summary>
/// Building the zoo's networks with random weights, against the first touch of as many bytes, which nothing can avoid. The aim: at most 2 s
/// for up to 150 M parameters.
/// </summary>
internal static class BuildBenchmark
{
    private static readonly string[] Names = ["fastvit_ma36", "fastvithd", "mobileclip_s2", "mobileclip_b", "clip_vit_b_16"];

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        foreach (var name in options.Quick ? Names[..1] : Names)
        {
            var spec = Zoo.Network(name);
            long parameters;
            using (var network = spec.Build())
                parameters = network.parameters().Sum(p => p.numel());
            yield return Table.Measure(
                $"{name}, {parameters / 1e6:F1} M parameters",
                1,
                options.Rounds,
                new Arm("first touch of as many bytes", () => Cost.Of(() => DecoderBenchmark.Touch(parameters))),
                new Arm("build, random weights", () => Cost.Of(() => spec.Build().Dispose()))
            );
        }
    }
}
