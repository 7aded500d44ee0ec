using System.Text.Json.Nodes;

namespace Recipes.Data;

/// <summary>
/// Work over data, shard by shard, into a folder of tars <c>00000000.tar</c>, <c>00000001.tar</c>, … with <c>manifest.json</c>. Each shard
/// appears whole or not at all; after a kill the finished ones stand and the work goes on with the first that is missing, without loss or
/// duplicates. Several processes share a folder by rank. Bytes follow from the samples alone.
/// </summary>
public static class ShardedWork
{
    // One shard is hashed and flushed while the manifest is written for the one before it.
    private const int Commits = 2;

    /// <summary>Writes what is missing.</summary>
    /// <param name="folder">Where shards go; made when it is not there.</param>
    /// <param name="shardCount">How many shards there are in all.</param>
    /// <param name="facts">
    /// What the shards follow from: teachers, options, source. Stands in the manifest, and must be the same when work goes on; null for nothing.
    /// </param>
    /// <param name="writeShard">The samples of a shard by its number, made as they are written. Called in order, for the missing ones only.</param>
    /// <param name="options">Rank, world, progress; null for one process.</param>
    /// <param name="cancellation">Stops between samples; the shard in progress is discarded.</param>
    /// <returns>What is finished, by all processes so far.</returns>
    /// <exception cref="RecipesException">
    /// Options are out of range, another process writes here, the folder holds other work, a sample cannot be written, or the disk is full.
    /// </exception>
    public static ShardManifest Run(
        string folder,
        int shardCount,
        JsonObject? facts,
        Func<int, IEnumerable<ShardSample>> writeShard,
        ShardedWorkOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new ShardedWorkOptions();
        List<string> problems = [.. options.Problems()];
        if (shardCount < 1)
            problems.Add($"shardCount: expected at least 1 shard, found {shardCount}");
        RecipesException.ThrowIfAny($"{folder}: shards cannot be written.", problems);
        using var work = ShardFolder.Open(folder, shardCount, (JsonObject)CanonicalJson.Of(facts ?? []), options);
        WriteAll(work, writeShard, options, cancellation);
        return work.Finish();
    }

    // While shards are hashed, flushed and moved, the samples of the next are already made.
    private static void WriteAll(
        ShardFolder work,
        Func<int, IEnumerable<ShardSample>> writeShard,
        ShardedWorkOptions options,
        CancellationToken cancellation
    )
    {
        var toDo = work.ToDo();
        var committing = new Queue<Task<ShardEntry>>();
        var done = 0;
        try
        {
            foreach (var index in toDo)
            {
                cancellation.ThrowIfCancellationRequested();
                var shard = work.Begin(index, writeShard(index), cancellation);
                try
                {
                    Settle(Commits - 1);
                }
                catch
                {
                    shard.Dispose();
                    throw;
                }
                // A thread of its own, since it waits for the disk.
                committing.Enqueue(
                    Task.Factory.StartNew(
                        () => work.Commit(shard),
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                );
            }
            Settle(0);
        }
        finally
        {
            // What is written stands, whatever stopped the next.
            foreach (var rest in committing)
                Task.WaitAny([rest], CancellationToken.None);
        }

        void Settle(int most)
        {
            while (committing.Count > most)
            {
                var entry = committing.Dequeue().GetAwaiter().GetResult();
                options.Progress?.Invoke(entry, ++done, toDo.Count);
            }
        }
    }

    /// <summary>Writes samples in order, so many a shard.</summary>
    /// <param name="folder">As for <see cref="Run(string, int, JsonObject?, Func{int, IEnumerable{ShardSample}}, ShardedWorkOptions?, CancellationToken)"/>.</param>
    /// <param name="count">How many samples there are.</param>
    /// <param name="perShard">Samples of a shard; the last has the rest.</param>
    /// <param name="facts">As there; samples and samples a shard are added.</param>
    /// <param name="sample">A sample by its number.</param>
    /// <param name="options">As there.</param>
    /// <param name="cancellation">As there.</param>
    /// <returns>As there.</returns>
    /// <exception cref="RecipesException">As there.</exception>
    public static ShardManifest Run(
        string folder,
        int count,
        int perShard,
        JsonObject? facts,
        Func<int, ShardSample> sample,
        ShardedWorkOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        if (count < 1 || perShard < 1)
            throw new RecipesException($"{folder}: expected at least 1 sample and 1 sample a shard, found {count} and {perShard}.");
        var all = (JsonObject)CanonicalJson.Of(facts ?? []);
        (all["samples"], all["perShard"]) = (count, perShard);
        return Run(
            folder,
            (count + perShard - 1) / perShard,
            all,
            shard => Enumerable.Range(shard * perShard, Math.Min(perShard, count - shard * perShard)).Select(sample),
            options,
            cancellation
        );
    }
}
