namespace Recipes.Data;

/// <summary>
/// Many tars as one list of samples, in the order of the files' names: a folder, a pattern, or braces (<c>cc-{000000..000003}.tar</c>).
/// Opening reads the headers of all; contents are read when asked for, in any order, from any thread.
/// </summary>
public sealed class ShardSet : IDisposable
{
    private readonly ShardFiles _files;
    private readonly (int Shard, int Sample)[] _samples;

    private ShardSet(ShardFiles files, IReadOnlyList<TarShard> shards)
    {
        (_files, Shards) = (files, shards);
        var problems = shards.SelectMany(s => s.Problems).ToList();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var samples = new List<(int, int)>();
        for (var s = 0; s < shards.Count; s++)
        {
            for (var k = 0; k < shards[s].Keys.Count; k++)
            {
                var key = shards[s].Keys[k];
                if (known.TryAdd(key, s))
                    samples.Add((s, k));
                else
                    problems.Add(
                        new SampleProblem(shards[s].Path, key, "duplicate key", $"{shards[known[key]].Path} has it too; the first is used")
                    );
            }
        }
        (_samples, Problems) = ([.. samples], problems);
    }

    /// <summary>The tars.</summary>
    public IReadOnlyList<TarShard> Shards { get; }

    /// <summary>Samples of all tars.</summary>
    public int Count => _samples.Length;

    /// <summary>What is wrong with the tars; the samples listed are whole nonetheless.</summary>
    public IReadOnlyList<SampleProblem> Problems { get; }

    /// <summary>Opens tars.</summary>
    /// <param name="path">A tar, a folder of tars, or a pattern.</param>
    /// <param name="bad">Whether what is wrong is an error or left out and listed in <see cref="Problems"/>.</param>
    /// <exception cref="RecipesException">Nothing is there, or something is wrong and <paramref name="bad"/> is Stop.</exception>
    public static ShardSet Open(string path, BadSamples bad = BadSamples.Stop) => Open([path], bad);

    /// <summary>Opens tars.</summary>
    /// <param name="paths">Tars, folders of tars, patterns.</param>
    /// <param name="bad">Whether what is wrong is an error or left out and listed in <see cref="Problems"/>.</param>
    /// <param name="roots">Where relative paths are looked for after the working folder; null for <see cref="DataRoots.Default"/>.</param>
    /// <exception cref="RecipesException">A path names nothing, or something is wrong and <paramref name="bad"/> is Stop; all problems together.</exception>
    public static ShardSet Open(IReadOnlyList<string> paths, BadSamples bad = BadSamples.Stop, DataRoots? roots = null)
    {
        var found = ShardPaths.Expand(paths, roots ?? DataRoots.Default);
        var files = new ShardFiles();
        var shards = new TarShard?[found.Count];
        try
        {
            Parallel.For(0, found.Count, i => shards[i] = TarShard.Open(found[i], files));
            var set = new ShardSet(files, shards!);
            if (bad == BadSamples.Stop)
                SampleProblem.ThrowIfAny(
                    $"shards {string.Join(", ", paths)}: cannot be used as they are. Mend them, or skip bad samples.",
                    set.Problems
                );
            return set;
        }
        catch (Exception e)
        {
            foreach (var shard in shards)
                shard?.Dispose();
            files.Dispose();
            if (e is AggregateException { InnerException: RecipesException } several)
                throw new RecipesException("shards: cannot be opened.", [.. several.InnerExceptions.Select(x => x.Message)], several);
            throw;
        }
    }

    /// <summary>A sample's key.</summary>
    public string Key(int index) => Shards[_samples[index].Shard].Keys[_samples[index].Sample];

    /// <summary>The tar that a sample is in.</summary>
    public TarShard ShardOf(int index) => Shards[_samples[index].Shard];

    /// <summary>The extensions of a sample's members.</summary>
    public IReadOnlyList<string> Extensions(int index) => ShardOf(index).Extensions(_samples[index].Sample);

    /// <summary>Reads one member; null when the sample has none of this extension.</summary>
    /// <exception cref="RecipesException">The file has changed.</exception>
    public byte[]? Read(int index, string extension) => ShardOf(index).Read(_samples[index].Sample, extension);

    /// <summary>Reads a whole sample.</summary>
    /// <exception cref="RecipesException">The file has changed.</exception>
    public ShardSample Sample(int index) => ShardOf(index).Sample(_samples[index].Sample);

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var shard in Shards)
            shard.Dispose();
        _files.Dispose();
    }
}
