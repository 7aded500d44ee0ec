using System.Globalization;

namespace Recipes.Training;

/// <summary>The numbered checkpoints of a run folder; the newest two are kept, so that one damaged file loses little.</summary>
internal sealed class CheckpointFolder(string folder)
{
    private const string Prefix = "step-";
    private const string Suffix = ".safetensors";
    private const int Kept = 2;
    private readonly string _folder = Path.Combine(folder, "checkpoints");

    public string PathOf(long step) => Path.Combine(_folder, $"{Prefix}{step:d9}{Suffix}");

    /// <summary>Newest first.</summary>
    public IReadOnlyList<string> Files() =>
        Directory.Exists(_folder)
            ? [.. Directory.GetFiles(_folder, $"{Prefix}*{Suffix}").Where(f => Step(f) is not null).OrderByDescending(f => Step(f))]
            : [];

    /// <summary>Removes all but the newest, and what killed processes left half-written.</summary>
    public void Prune()
    {
        foreach (var old in Files().Skip(Kept))
            File.Delete(old);
    }

    /// <summary>Removes the checkpoints of an earlier run.</summary>
    public void Clear()
    {
        foreach (var file in Files())
            File.Delete(file);
        RemoveLeftovers();
    }

    /// <summary>Removes half-written files; only one process trains in a folder.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(_folder))
            return;
        foreach (var file in Directory.GetFiles(_folder, $"{Prefix}*{Suffix}.*.tmp"))
            File.Delete(file);
    }

    private static long? Step(string path) =>
        long.TryParse(
            Path.GetFileName(path).AsSpan()[Prefix.Length..^Suffix.Length],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var step
        )
            ? step
            : null;
}
