using System.Security.Cryptography;

namespace Recipes.Data;

/// <summary>A shard that is written and not yet in its place.</summary>
internal sealed class PendingShard : IDisposable
{
    private readonly PendingFile _file;
    private readonly string _path;
    private readonly int _index;
    private readonly int _samples;

    private PendingShard(PendingFile file, string path, int index, int samples) =>
        (_file, _path, _index, _samples) = (file, path, index, samples);

    /// <summary>Writes samples under a temporary name; nothing is left of them when one fails.</summary>
    public static PendingShard Write(string path, int index, IEnumerable<ShardSample> samples, CancellationToken cancellation)
    {
        PendingFile? file = null;
        try
        {
            file = new PendingFile(path);
            return new PendingShard(file, path, index, TarOutput.Write(file.Stream, samples, cancellation));
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (AtomicFile.IsOfTheDisk(e))
                throw AtomicFile.CannotBeWritten(path, e);
            throw;
        }
    }

    /// <summary>Hashes what was written, flushes it to disk and moves it into place.</summary>
    public ShardEntry Commit()
    {
        using (_file)
        {
            try
            {
                _file.Stream.Position = 0;
                var entry = new ShardEntry(_index, _samples, _file.Stream.Length, Hash(_file.Stream));
                _file.Commit();
                return entry;
            }
            catch (Exception e) when (AtomicFile.IsOfTheDisk(e))
            {
                throw AtomicFile.CannotBeWritten(_path, e);
            }
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The entry of a shard that is in place; null when something is wrong with it.</summary>
    public static ShardEntry? Adopt(string path, int index)
    {
        using var shards = ShardSet.Open(path, BadSamples.Skip);
        return shards.Problems.Count > 0 ? null : new ShardEntry(index, shards.Count, new FileInfo(path).Length, Hash(path));
    }

    /// <summary>SHA-256 of a file, in small hexadecimal letters.</summary>
    public static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Hash(file);
    }

    private static string Hash(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));
}
