using System.Text.Json;
using Recipes;
using Recipes.Benchmarks;
using TorchSharp;

// Recipes.Benchmarks [NAME …] [--json] [--quick] [--rounds=N] [--bf16]
// The performance tables, each as ratios measured interleaved in one run. A new table is one line here and one file.
Dictionary<string, Func<BenchmarkOptions, IEnumerable<Table>>> benchmarks = new(StringComparer.Ordinal)
{
    ["train"] = TrainBenchmark.Run,
    ["fold"] = FoldBenchmark.Run,
    ["layouts"] = LayoutBenchmark.Run,
    ["scenes"] = DataBenchmark.Scenes,
    ["loader"] = DataBenchmark.Loader,
    ["kernel"] = KernelBenchmark.Run,
    ["weights"] = WeightsBenchmark.Run,
    ["decoder"] = DecoderBenchmark.Run,
    ["build"] = BuildBenchmark.Run,
    ["sam"] = SamBenchmark.Run,
    ["text"] = TextBenchmark.Run,
};

try
{
    var names = args.Where(a => !a.StartsWith('-')).ToList();
    var unknown = names.Where(n => !benchmarks.ContainsKey(n)).Select(n => $"unknown benchmark {n}").ToList();
    RecipesException.ThrowIfAny($"The benchmarks are {string.Join(", ", benchmarks.Keys)}.", unknown);
    var rounds = args.FirstOrDefault(a => a.StartsWith("--rounds=", StringComparison.Ordinal))?["--rounds=".Length..];
    if (rounds is not null && !(int.TryParse(rounds, out var count) && count > 0))
        throw new RecipesException($"--rounds={rounds}: expected a positive number.");
    var json = args.Contains("--json", StringComparer.Ordinal);
    var quick = args.Contains("--quick", StringComparer.Ordinal);
    torch.set_num_threads(Math.Min(2, Environment.ProcessorCount));
    var bfloat16 = args.Contains("--bf16", StringComparer.Ordinal);
    var options = new BenchmarkOptions(rounds is null ? (quick ? 3 : 11) : int.Parse(rounds), quick, bfloat16);
    var tables = new List<Table>();
    foreach (var name in names.Count > 0 ? names : [.. benchmarks.Keys])
    {
        foreach (var table in benchmarks[name](options))
        {
            tables.Add(table);
            if (!json)
                Console.WriteLine($"{table}\n");
        }
    }
    if (json)
        Console.WriteLine(JsonSerializer.Serialize(tables, JsonSerializerOptions.Web));
    return 0;
}
catch (RecipesException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
