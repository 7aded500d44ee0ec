using System.Globalization;

namespace Recipes.Data;

/// <summary>How shards are written.</summary>
public sealed record ShardedWorkOptions
{
    /// <summary>This process among those that write one folder, from 0. Shard k belongs to the process k mod <see cref="World"/>.</summary>
    public int Rank { get; init; }

    /// <summary>How many processes write the folder.</summary>
    /// <value>Default 1.</value>
    public int World { get; init; } = 1;

    /// <summary>Told of each shard as it is finished: the shard, how many are finished, how many there are to do for this process.</summary>
    public Action<ShardEntry, int, int>? Progress { get; init; }

    /// <summary>Rank and world as the launcher says: torchrun (<c>RANK</c>, <c>WORLD_SIZE</c>), Slurm, Open MPI; one process without any.</summary>
    /// <exception cref="RecipesException">A variable is no number.</exception>
    public static ShardedWorkOptions FromEnvironment()
    {
        foreach (var (rank, world) in s_launchers)
        {
            if (
                Environment.GetEnvironmentVariable(rank) is { Length: > 0 } r
                && Environment.GetEnvironmentVariable(world) is { Length: > 0 } w
            )
                return new ShardedWorkOptions { Rank = Number(rank, r), World = Number(world, w) };
        }
        return new ShardedWorkOptions();
    }

    private static readonly (string Rank, string World)[] s_launchers =
    [
        ("RANK", "WORLD_SIZE"),
        ("SLURM_PROCID", "SLURM_NTASKS"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ];

    /// <summary>Everything that is out of range.</summary>
    public IReadOnlyList<string> Problems() =>
        World < 1 ? [$"world: expected at least 1 process, found {World}"]
        : Rank < 0 || Rank >= World ? [$"rank: expected 0 to {World - 1}, found {Rank}"]
        : [];

    private static int Number(string name, string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RecipesException($"{name}: expected a number, found '{text}'.");
}
