namespace Recipes.Data;

/// <summary>Reads whole shards and reports everything that is wrong with them.</summary>
public static class ShardCheck
{
    /// <summary>
    /// Checks tars (headers, ends, keys, members), what a manifest says of them (missing, size, SHA-256, samples), whether all samples have
    /// the same members, and the contents of samples.
    /// </summary>
    /// <param name="path">A folder of shards, a shard, or a pattern.</param>
    /// <param name="checks">Checks of contents; null for <see cref="SampleChecks.All"/>.</param>
    /// <param name="cancellation">Stops between samples.</param>
    /// <exception cref="RecipesException">Nothing is there, or the manifest is damaged.</exception>
    public static ShardReport Verify(string path, IReadOnlyList<ISampleCheck>? checks = null, CancellationToken cancellation = default)
    {
        using var set = ShardSet.Open(path, BadSamples.Skip);
        var manifest = Directory.Exists(path) ? ShardManifest.Read(path) : null;
        var problems = set.Problems.ToList();
        if (manifest is not null)
            problems.AddRange(Against(manifest, path, set, cancellation));
        problems.AddRange(Unlike(set));
        problems.AddRange(Contents(set, checks ?? SampleChecks.All, cancellation));
        var members = Enumerable
            .Range(0, set.Count)
            .SelectMany(set.Extensions)
            .CountBy(e => e)
            .OrderBy(m => m.Key, StringComparer.Ordinal)
            .ToDictionary();
        return new ShardReport(
            path,
            set.Shards.Count,
            set.Count,
            set.Shards.Sum(s => new FileInfo(s.Path).Length),
            members,
            manifest,
            problems
        );
    }

    private static IEnumerable<SampleProblem> Against(ShardManifest manifest, string folder, ShardSet set, CancellationToken cancellation)
    {
        var tars = set.Shards.ToDictionary(s => Path.GetFileName(s.Path), StringComparer.Ordinal);
        var place = Path.Combine(folder, ShardManifest.File);
        if (!manifest.Complete)
            yield return new SampleProblem(
                place,
                "",
                "unfinished",
                $"{manifest.Shards.Count} of {manifest.ShardCount} shards are written; run what writes them again, it goes on"
            );
        foreach (var entry in manifest.Shards)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!tars.Remove(entry.File, out var shard))
                yield return new SampleProblem(place, entry.File, "shard is missing", $"expected {entry.Bytes} bytes");
            else if (new FileInfo(shard.Path).Length is var bytes && bytes != entry.Bytes)
                yield return new SampleProblem(shard.Path, "", "wrong size", $"expected {entry.Bytes} bytes, found {bytes}");
            else if (PendingShard.Hash(shard.Path) is var hash && hash != entry.Sha256)
                yield return new SampleProblem(shard.Path, "", "wrong SHA-256", $"expected {entry.Sha256}, found {hash}");
            else if (shard.Keys.Count != entry.Samples)
                yield return new SampleProblem(
                    shard.Path,
                    "",
                    "wrong count",
                    $"expected {entry.Samples} samples, found {shard.Keys.Count}"
                );
        }
        foreach (var unknown in tars.Values)
            yield return new SampleProblem(unknown.Path, "", "not in the manifest", $"{place} does not name it");
    }

    // What nearly every sample has and one lacks was lost.
    private static IEnumerable<SampleProblem> Unlike(ShardSet set)
    {
        var counts = Enumerable.Range(0, set.Count).SelectMany(set.Extensions).CountBy(e => e).ToDictionary();
        var usual = counts
            .Where(c => c.Value * 10L >= set.Count * 9L && c.Value < set.Count)
            .Select(c => c.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        for (var i = 0; i < set.Count && usual.Count > 0; i++)
        {
            var missing = usual.Except(set.Extensions(i), StringComparer.Ordinal).ToList();
            if (missing.Count > 0)
                yield return new SampleProblem(
                    set.ShardOf(i).Path,
                    set.Key(i),
                    "missing member",
                    $"{string.Join(", ", missing)}, which at least nine samples in ten have"
                );
        }
    }

    private static IEnumerable<SampleProblem> Contents(ShardSet set, IReadOnlyList<ISampleCheck> checks, CancellationToken cancellation)
    {
        var found = new List<SampleProblem>?[set.Count];
        Parallel.For(
            0,
            set.Count,
            new ParallelOptions { CancellationToken = cancellation },
            i =>
            {
                var (source, sample) = (set.ShardOf(i).Path, set.Sample(i));
                foreach (var check in checks)
                {
                    foreach (var problem in check.Problems(source, sample))
                        (found[i] ??= []).Add(problem);
                }
            }
        );
        return found.SelectMany(f => f ?? []);
    }
}
