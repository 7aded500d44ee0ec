using System.Text.Json;

namespace Recipes.Weights;

/// <summary>Weights in several files, with an index that says which tensor lies in which: <c>model.safetensors.index.json</c>.</summary>
public sealed class ShardedFile : WeightsFile
{
    private const long LongestIndex = 100_000_000;
    private readonly IReadOnlyDictionary<string, WeightsFile> _shardOf;
    private readonly IReadOnlyList<WeightsFile> _shards;

    private ShardedFile(string path, IReadOnlyDictionary<string, WeightsFile> shardOf, IReadOnlyList<WeightsFile> shards)
        : base(path, [.. shards.SelectMany(s => s.Entries)])
    {
        (_shardOf, _shards) = (shardOf, shards);
        Notes = [.. shards.SelectMany(s => s.Notes).Distinct(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public override string Format => $"{_shards.Count} shards, {string.Join(" and ", _shards.Select(s => s.Format).Distinct())}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _shards.Count == 0 ? base.Metadata : _shards[0].Metadata;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => [Path, .. _shards.Select(s => s.Path)];

    /// <summary>Opens an index and all its shards, which lie beside it.</summary>
    /// <exception cref="RecipesException">The index is no such file, or files and names do not agree; all problems together.</exception>
    public static new ShardedFile Open(string path, string? part = null)
    {
        var problems = new ProblemList();
        var map = ReadMap(path, problems);
        Stop(path, problems);
        var shards = new Dictionary<string, WeightsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var name in map.Values.Distinct(StringComparer.Ordinal))
                OpenShard(path, name, part, shards, problems);
            Compare(map, shards, problems);
            Stop(path, problems);
            return new ShardedFile(path, map.ToDictionary(m => m.Key, m => shards[m.Value], StringComparer.Ordinal), [.. shards.Values]);
        }
        catch
        {
            foreach (var shard in shards.Values)
                shard.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override TensorPlace Source(Entry entry) => _shardOf[entry.Name].Source(entry);

    private static OrderedDictionary<string, string> ReadMap(string path, ProblemList problems)
    {
        var map = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        using var file = MappedFile.Open(path);
        if (file.Length > LongestIndex)
        {
            problems.Add($"it has {file.Length} bytes, more than an index needs");
            return map;
        }
        try
        {
            using var json = JsonDocument.Parse(file.Span(0, (int)file.Length).ToArray());
            if (
                json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("weight_map", out var weights)
                || weights.ValueKind != JsonValueKind.Object
            )
            {
                problems.Add("it has no weight_map, the object that names the file of each tensor");
                return map;
            }
            foreach (var pair in weights.EnumerateObject())
                Add(map, pair, problems);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problems.Add($"it is not JSON: {e.Message}");
        }
        return map;
    }

    private static void Add(OrderedDictionary<string, string> map, JsonProperty pair, ProblemList problems)
    {
        var name = pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : null;
        if (name is null)
            problems.Add($"{pair.Name}: its file is no text");
        else if (!IsPlainName(name))
            problems.Add($"{pair.Name}: '{name}' is not the name of a file beside the index");
        else if (!map.TryAdd(pair.Name, name))
            problems.Add($"{pair.Name}: the name stands twice");
    }

    // Nothing outside the index's own folder is opened, on any system.
    private static bool IsPlainName(string name) =>
        name.Length is > 0 and < 256 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private static void OpenShard(string path, string name, string? part, Dictionary<string, WeightsFile> shards, ProblemList problems)
    {
        var shard = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", name);
        if (!File.Exists(shard))
        {
            problems.Add($"{name}: the file is missing");
            return;
        }
        try
        {
            shards.Add(name, WeightsFormats.Open(shard, part, index: false));
        }
        catch (RecipesException e)
        {
            problems.Add($"{name}: {string.Join("; ", e.Problems)}");
        }
    }

    private static void Compare(OrderedDictionary<string, string> map, Dictionary<string, WeightsFile> shards, ProblemList problems)
    {
        foreach (var (tensor, name) in map)
        {
            if (shards.TryGetValue(name, out var shard) && !shard.Contains(tensor))
                problems.Add($"{tensor}: missing from {name}");
        }
        foreach (var (name, shard) in shards)
        {
            foreach (var entry in shard.Entries.Where(e => !map.TryGetValue(e.Name, out var wanted) || wanted != name))
                problems.Add(
                    $"{entry.Name}: {name} holds it, but the index gives it {(map.TryGetValue(entry.Name, out var other) ? other : "no file")}"
                );
        }
    }

    private static void Stop(string path, ProblemList problems)
    {
        var count = problems.Count == 1 ? "1 problem" : $"{problems.Count} problems";
        if (problems.Count > 0)
            throw new RecipesException($"{path} is not a usable index of shards ({count}, nothing read):", problems.Lines);
    }

    /// <inheritdoc/>
    private protected override void Dispose(bool disposing)
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }
}
