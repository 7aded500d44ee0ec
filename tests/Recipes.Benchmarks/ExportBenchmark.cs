using System.Diagnostics;
using System.Globalization;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Verbs;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Benchmarks;

/// <summary>Time and peak memory of an export of 125 M parameters, folded, each in a process of its own: at most 10 s and 2.5 times the weights.</summary>
internal static class ExportBenchmark
{
    /// <summary>The argument that makes the program measure one export.</summary>
    public const string Child = "--export-child";

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        foreach (var name in options.Quick ? (string[])["mci3"] : ["mci3", "fastvithd"])
        {
            var parts = Start(name).Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray();
            var (seconds, weights, peak, loaded) = (parts[0], parts[1], parts[2], parts[3]);
            var title = string.Create(
                CultureInfo.InvariantCulture,
                $"export of {name} folded, {weights / 1e6:F0} MB of weights: {seconds:F1} s; peak of the process {peak / 1e6:F0} MB, {peak / weights:F2} times the weights; beyond the loaded libraries {(peak - loaded) / weights:F2} times"
            );
            yield return new Table(title, [new Row(name, seconds * 1000, seconds * 1000, seconds * 1000, 0, 1, 1)]);
        }
    }

    /// <summary>Exports a folded network and prints seconds, bytes of weights, peak while exporting, bytes with the libraries alone.</summary>
    public static int Measure(string name)
    {
        set_num_threads(Math.Min(2, Environment.ProcessorCount));
        rand(1).Dispose();
        ProcessMemory.Trim();
        var loaded = ProcessMemory.Resident();
        using var network = Zoo.Spec(name).Build();
        network.eval();
        Modules.Fold(network);
        ProcessMemory.Trim();
        ProcessMemory.ForgetPeak();
        var folder = Directory.CreateTempSubdirectory("recipes-bench-");
        try
        {
            var clock = Stopwatch.StartNew();
            network.Export(Path.Combine(folder.FullName, "model.onnx"));
            var seconds = clock.Elapsed.TotalSeconds;
            var weights = network.parameters().Concat(network.buffers()).Sum(t => t.numel() * t.element_size());
            Console.WriteLine(FormattableString.Invariant($"{seconds} {weights} {ProcessMemory.Peak()} {loaded}"));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Start(string name)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ExportBenchmark).Assembly.Location, Child, name])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new RecipesException($"The export of {name} failed with {process.ExitCode}.");
    }
}
