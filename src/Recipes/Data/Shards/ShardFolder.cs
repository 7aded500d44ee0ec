using System.Text.Json.Nodes;

namespace Recipes.Data;

/// <summary>
/// A folder that one process writes shards into: its lock, and the manifest of what it has finished. With several processes each has a lock
/// and a manifest of its own; whoever finishes the last shard merges them into <c>manifest.json</c>.
/// </summary>
internal sealed class ShardFolder : IDisposable
{
    private readonly string _folder;
    private readonly ShardedWorkOptions _options;
    private readonly ShardManifest _asked;
    private readonly FileStream _lock;
    private readonly SortedDictionary<int, ShardEntry> _finished = [];

    private ShardFolder(string folder, ShardManifest asked, ShardedWorkOptions options, FileStream held) =>
        (_folder, _asked, _options, _lock) = (folder, asked, options, held);

    private string Own =>
        Path.Combine(_folder, _options.World == 1 ? ShardManifest.File : $"manifest-{_options.Rank}-of-{_options.World}.json");

    /// <summary>Takes the lock, reads what is there, and removes what an earlier process left half-written.</summary>
    /// <exception cref="RecipesException">Another process writes here, or the folder holds other work.</exception>
    public static ShardFolder Open(string folder, int shardCount, JsonObject facts, ShardedWorkOptions options)
    {
        var held = Lock(folder, options);
        var work = new ShardFolder(folder, new ShardManifest(shardCount, facts, []), options, held);
        try
        {
            work.Resume();
            return work;
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <summary>The shards of this process that are not finished.</summary>
    public IReadOnlyList<int> ToDo() =>
        [.. Enumerable.Range(0, _asked.ShardCount).Where(k => k % _options.World == _options.Rank && !_finished.ContainsKey(k))];

    /// <summary>Writes the samples of a shard under a temporary name.</summary>
    public PendingShard Begin(int index, IEnumerable<ShardSample> samples, CancellationToken cancellation) =>
        PendingShard.Write(Path.Combine(_folder, ShardEntry.Name(index)), index, samples, cancellation);

    /// <summary>Puts a shard into place, and then says so in the manifest; several threads may.</summary>
    public ShardEntry Commit(PendingShard shard)
    {
        var entry = shard.Commit();
        lock (_finished)
        {
            _finished[entry.Index] = entry;
            WriteOwn();
        }
        return entry;
    }

    /// <summary>All that is finished, by all processes; merged into one manifest when that is everything.</summary>
    public ShardManifest Finish()
    {
        foreach (var entry in Manifests().SelectMany(m => m.Manifest.Shards))
            _finished.TryAdd(entry.Index, entry);
        var all = _asked with { Shards = [.. _finished.Values] };
        if (all.Complete)
        {
            AtomicFile.WriteText(Path.Combine(_folder, ShardManifest.File), CanonicalJson.Text(all));
            foreach (var part in Directory.GetFiles(_folder, "manifest-*-of-*.json"))
                File.Delete(part);
        }
        return all;
    }

    public void Dispose() => _lock.Dispose();

    // The system lets go of the lock when the process ends, however it ends. The file stays: were it removed, two processes could hold
    // two files of this name.
    private static FileStream Lock(string folder, ShardedWorkOptions options)
    {
        var path = Path.Combine(folder, options.World == 1 ? ".writer.lock" : $".writer-{options.Rank}-of-{options.World}.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException(
                File.Exists(path)
                    ? $"{folder}: another process writes shards here{(options.World == 1 ? "" : $" as rank {options.Rank} of {options.World}")} (it holds {Path.GetFileName(path)}). Wait for it, or choose another folder."
                    : $"{folder}: cannot be written ({e.Message.TrimEnd('.')}). Choose another folder.",
                e
            );
        }
    }

    private void Resume()
    {
        var manifests = Manifests();
        foreach (var (path, manifest) in manifests)
        {
            RecipesException.ThrowIfAny(
                $"{path}: the shards here are of other work. Write into another folder, or remove this one.",
                [.. _asked.Differences(manifest)]
            );
            foreach (var entry in manifest.Shards.Where(IsThere))
                _finished[entry.Index] = entry;
        }
        var unknown = Directory
            .GetFiles(_folder, "*.tar")
            .Select(f => Path.GetFileName(f))
            .Except(_finished.Values.Select(e => e.File))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (manifests.Count == 0 && unknown.Count > 0)
            throw new RecipesException(
                $"{_folder}: it holds tars ({unknown[0]}{(unknown.Count > 1 ? ", …" : "")}) but no {ShardManifest.File}: they are not of this work. Choose an empty folder."
            );
        // Killed while it wrote its manifest.
        foreach (var half in Directory.GetFiles(_folder, $"{Path.GetFileName(Own)}.*.tmp"))
            File.Delete(half);
        foreach (var index in ToDo())
        {
            foreach (var half in Directory.GetFiles(_folder, $"{ShardEntry.Name(index)}.*.tmp"))
                File.Delete(half);
            // Killed between the shard and its line in the manifest: it is whole, since it is moved into place last.
            if (
                unknown.Contains(ShardEntry.Name(index))
                && PendingShard.Adopt(Path.Combine(_folder, ShardEntry.Name(index)), index) is { } whole
            )
                _finished[index] = whole;
        }
        WriteOwn();
    }

    private void WriteOwn()
    {
        var own = _finished.Values.Where(e => _options.World == 1 || e.Index % _options.World == _options.Rank);
        AtomicFile.WriteText(Own, CanonicalJson.Text(_asked with { Shards = [.. own] }));
    }

    private bool IsThere(ShardEntry entry) =>
        new FileInfo(Path.Combine(_folder, entry.File)) is { Exists: true } file && file.Length == entry.Bytes;

    private List<(string Path, ShardManifest Manifest)> Manifests() =>
        [
            .. Directory
                .GetFiles(_folder, "manifest-*-of-*.json")
                .Append(Path.Combine(_folder, ShardManifest.File))
                .Select(path => (path, manifest: ShardManifest.ReadFile(path)!))
                .Where(m => m.manifest is not null),
        ];
}
