using System.Collections.Concurrent;
using System.IO.Compression;

namespace Recipes.Data;

/// <summary>The files of a zip. A ZipArchive serves one thread at a time, so threads take one each from a pool.</summary>
internal sealed class ZipFolder : ArchiveFolder
{
    private readonly ConcurrentBag<ZipArchive> _idle = [];
    private readonly Dictionary<string, int> _entries = new(StringComparer.Ordinal);

    public ZipFolder(string path)
        : base(path)
    {
        var archive = OpenArchive();
        try
        {
            for (var i = 0; i < archive.Entries.Count; i++)
            {
                var name = archive.Entries[i].FullName.Replace('\\', '/');
                if (!name.EndsWith('/'))
                    _entries.TryAdd(name, i);
            }
        }
        catch (InvalidDataException e)
        {
            archive.Dispose();
            throw Damaged(Path, e);
        }
        _idle.Add(archive);
    }

    public override bool Contains(string name) => _entries.ContainsKey(name);

    public override string Place(string name) => $"{Path}: {name}";

    public override byte[] Read(string name)
    {
        if (!_entries.TryGetValue(name, out var at))
            throw new RecipesException($"{Path}: expected a file {name}, found none{Nearest.End(name, Names)}");
        if (!_idle.TryTake(out var archive))
            archive = OpenArchive();
        try
        {
            var entry = archive.Entries[at];
            if (entry.Length > Array.MaxLength)
                throw new RecipesException($"{Place(name)}: {entry.Length} bytes do not fit into memory.");
            var bytes = GC.AllocateUninitializedArray<byte>((int)entry.Length);
            using var stream = entry.Open();
            stream.ReadExactly(bytes);
            if (Crc32.Of(bytes) != entry.Crc32)
                throw new RecipesException($"{Place(name)}: the checksum is wrong; the file is damaged. Get it again.");
            return bytes;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Damaged(Place(name), e);
        }
        finally
        {
            _idle.Add(archive);
        }
    }

    private protected override IEnumerable<string> List() => _entries.Keys;

    public override void Dispose()
    {
        while (_idle.TryTake(out var archive))
            archive.Dispose();
        base.Dispose();
    }

    private ZipArchive OpenArchive()
    {
        try
        {
            return ZipFile.OpenRead(Path);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(Path, e);
        }
    }

    private static RecipesException Damaged(string place, Exception e) =>
        new($"{place}: cannot be read as a zip ({e.Message.TrimEnd('.')}).", e);
}

/// <summary>The checksum of zip and gzip, which System.IO.Compression does not compare for zip.</summary>
internal static class Crc32
{
    private static readonly uint[] s_table =
    [
        .. Enumerable
            .Range(0, 256)
            .Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1)),
    ];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = s_table[(byte)crc ^ b] ^ (crc >> 8);
        return ~crc;
    }
}
