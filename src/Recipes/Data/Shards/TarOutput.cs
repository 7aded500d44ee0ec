using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace Recipes.Data;

/// <summary>Writes samples as a tar whose bytes follow from the samples alone: no clock, no owner, members in order of their names.</summary>
internal static class TarOutput
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a whole tar.</summary>
    /// <returns>How many samples there were.</returns>
    /// <exception cref="RecipesException">A key or an extension cannot be a member's name, or a key comes twice.</exception>
    public static int Write(Stream stream, IEnumerable<ShardSample> samples, CancellationToken cancellation)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        using var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true);
        foreach (var sample in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            Require(sample, keys);
            foreach (var member in sample.Members.OrderBy(m => m.Extension, StringComparer.Ordinal))
                tar.WriteEntry(Entry($"{sample.Key}.{member.Extension}", member.Bytes));
        }
        return keys.Count;
    }

    // GNU's format needs no header of attributes, and takes names of any length.
    private static GnuTarEntry Entry(string name, ReadOnlyMemory<byte> bytes) =>
        new(TarEntryType.RegularFile, name)
        {
            ModificationTime = DateTimeOffset.UnixEpoch,
            Mode = Mode,
            DataStream = MemoryMarshal.TryGetArray(bytes, out var array)
                ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                : new MemoryStream(bytes.ToArray(), writable: false),
        };

    private static void Require(ShardSample sample, HashSet<string> keys)
    {
        var problems = new List<string>();
        if (
            sample.Key.Contains('\0', StringComparison.Ordinal)
            || ShardSample.Split(sample.Key + ".x") is not { Key: var key }
            || key != sample.Key
        )
            problems.Add($"key '{sample.Key}': expected a name without a dot in its last part, not empty and not beginning with __");
        else if (!keys.Add(sample.Key))
            problems.Add($"key '{sample.Key}': it comes twice; each sample has its own");
        if (sample.Members.Count == 0)
            problems.Add($"key '{sample.Key}': a sample without members");
        foreach (var group in sample.Members.GroupBy(m => m.Extension))
        {
            if (
                ShardSample.Split($"k.{group.Key}") is not { Extension: var extension }
                || extension != group.Key
                || group.Key.Contains('/', StringComparison.Ordinal)
            )
                problems.Add($"key '{sample.Key}': extension '{group.Key}' is empty, has capitals or a slash");
            if (group.Skip(1).Any())
                problems.Add($"key '{sample.Key}': {group.Count()} members with the extension {group.Key}");
        }
        RecipesException.ThrowIfAny("A sample cannot be written.", problems);
    }
}
