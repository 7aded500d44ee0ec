using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Recipes.Data;

/// <summary>
/// One tar of samples (WebDataset's layout), read at random from any thread. A packed one (<c>.tar.gz</c>, <c>.tgz</c>) is unpacked once
/// into a temporary file that goes with the process.
/// </summary>
public sealed class TarShard : IDisposable
{
    private readonly TarIndex _index;
    private readonly ShardFiles _files;
    private readonly SafeFileHandle? _unpacked;

    private TarShard(string path, TarIndex index, ShardFiles files, SafeFileHandle? unpacked) =>
        (Path, _index, _files, _unpacked) = (path, index, files, unpacked);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The samples' keys, in the order of the tar.</summary>
    public IReadOnlyList<string> Keys => _index.Keys;

    /// <summary>What is wrong with the archive; the samples listed are whole nonetheless.</summary>
    public IReadOnlyList<SampleProblem> Problems => _index.Problems;

    /// <summary>The endings of packed and plain shards.</summary>
    internal static IReadOnlyList<string> Endings { get; } = [".tar", ".tar.gz", ".tgz"];

    internal static TarShard Open(string path, ShardFiles files)
    {
        if (!path.EndsWith("gz", StringComparison.OrdinalIgnoreCase))
        {
            using var file = ShardFiles.OpenHandle(path);
            return new TarShard(path, TarIndex.Read(file, path), files, null);
        }
        var unpacked = Unpack(path, out var problem);
        return new TarShard(path, TarIndex.Read(unpacked, path, problem), files, unpacked);
    }

    /// <summary>The extensions of a sample's members.</summary>
    /// <param name="sample">Its number in this shard.</param>
    public IReadOnlyList<string> Extensions(int sample)
    {
        var members = _index.Members(sample);
        var extensions = new string[members.Length];
        for (var i = 0; i < extensions.Length; i++)
            extensions[i] = members[i].Extension;
        return extensions;
    }

    /// <summary>Reads one member of a sample; null when it has none of this extension.</summary>
    /// <exception cref="RecipesException">The file has changed.</exception>
    public byte[]? Read(int sample, string extension)
    {
        foreach (var member in _index.Members(sample))
        {
            if (member.Extension == extension)
                return Read(member.Offset, member.Length);
        }
        return null;
    }

    /// <summary>Reads a whole sample, its members in one go.</summary>
    /// <exception cref="RecipesException">The file has changed.</exception>
    public ShardSample Sample(int sample)
    {
        var members = _index.Members(sample);
        if (members.IsEmpty)
            return new ShardSample(Keys[sample], []);
        var start = members[0].Offset;
        var bytes = Read(start, members[^1].Offset + members[^1].Length - start);
        var parts = new ShardMember[members.Length];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = new ShardMember(members[i].Extension, bytes.AsMemory((int)(members[i].Offset - start), (int)members[i].Length));
        return new ShardSample(Keys[sample], parts);
    }

    /// <summary>Closes what is open for this shard alone.</summary>
    public void Dispose() => _unpacked?.Dispose();

    private byte[] Read(long offset, long length)
    {
        if (length > Array.MaxLength)
            throw new RecipesException($"{Path}: {length} bytes of one sample do not fit into memory.");
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        if (_unpacked is null)
            _files.Read(Path, offset, bytes);
        else
            ShardFiles.Read(_unpacked, Path, offset, bytes);
        return bytes;
    }

    // What can be unpacked of a file that is cut off or damaged is kept, with the problem.
    private static SafeFileHandle Unpack(string path, out SampleProblem? problem)
    {
        problem = null;
        var place = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"recipes-{Guid.NewGuid():N}.tar");
        var handle = File.OpenHandle(place, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        try
        {
            // Unix: without a name it goes even when the process is killed.
            File.Delete(place);
            using var file = File.OpenRead(path);
            using var packed = new GZipStream(file, CompressionMode.Decompress);
            var buffer = new byte[1 << 16];
            var at = 0L;
            for (var n = packed.Read(buffer); n > 0; n = packed.Read(buffer))
            {
                RandomAccess.Write(handle, buffer.AsSpan(0, n), at);
                at += n;
            }
        }
        catch (InvalidDataException e)
        {
            problem = new SampleProblem(path, "", "damaged gzip", e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            throw new RecipesException(
                $"{path}: cannot be unpacked into {place} ({e.Message.TrimEnd('.')}). Make room, or unpack it yourself.",
                e
            );
        }
        return handle;
    }
}
