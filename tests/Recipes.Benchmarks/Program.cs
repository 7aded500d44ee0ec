using System.Text.Json;
using Recipes;
using Recipes.Benchmarks;
using TorchSharp;

// Recipes.Benchmarks [NAME …] [--json] [--quick] [--rounds=N] [--threads=N] [--bf16]
// The performance tables, each as ratios measured interleaved in one run. A new table is one line here and one file.
Dictionary<string, Func<BenchmarkOptions, IEnumerable<Table>>> benchmarks = new(StringComparer.Ordinal)
{
    ["train"] = TrainBenchmark.Run,
    ["fold"] = FoldBenchmark.Run,
    ["layouts"] = LayoutBenchmark.Run,
    ["engines"] = EngineBenchmark.Run,
    ["export"] = ExportBenchmark.Run,
    ["scenes"] = DataBenchmark.Scenes,
    ["loader"] = DataBenchmark.Loader,
    ["kernel"] = KernelBenchmark.Run,
    ["weights"] = WeightsBenchmark.Run,
    ["decoder"] = DecoderBenchmark.Run,
    ["build"] = BuildBenchmark.Run,
    ["sam"] = SamBenchmark.Run,
    ["text"] = TextBenchmark.Run,
    ["shards"] = ShardBenchmark.Run,
    ["augment"] = AugmentBenchmark.Run,
    ["pairs"] = PairBenchmark.Run,
};

try
{
    if (args is [ExportBenchmark.Child, var model, ..])
        return ExportBenchmark.Measure(model);
    var names = args.Where(a => !a.StartsWith('-')).ToList();
    var unknown = names.Where(n => !benchmarks.ContainsKey(n)).Select(n => $"unknown benchmark {n}").ToList();
    RecipesException.ThrowIfAny($"The benchmarks are {string.Join(", ", benchmarks.Keys)}.", unknown);
    var rounds = Number("--rounds=");
    var json = args.Contains("--json", StringComparer.Ordinal);
    var quick = args.Contains("--quick", StringComparer.Ordinal);
    var threads = Number("--threads=") ?? Math.Min(2, Environment.ProcessorCount);
    torch.set_num_threads(threads);
    var bfloat16 = args.Contains("--bf16", StringComparer.Ordinal);
    var options = new BenchmarkOptions(rounds ?? (quick ? 3 : 11), quick, bfloat16);
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

int? Number(string option)
{
    if (args.FirstOrDefault(a => a.StartsWith(option, StringComparison.Ordinal))?[option.Length..] is not { } text)
        return null;
    return int.TryParse(text, out var number) && number > 0
        ? number
        : throw new RecipesException($"{option}{text}: expected a positive number.");
}
