using System.Security.Cryptography;

namespace Recipes.Data;

/// <summary>A shard that is written and not yet in its place.</summary>
internal sealed class PendingShard : IDisposable
{
    private const int Block = 1 << 18;
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
                // The disk and the hash work at the same time: both take about as long as writing.
                var file = _file.Stream.SafeFileHandle;
                var flushing = Task.Run(() => RandomAccess.FlushToDisk(file), CancellationToken.None);
                var entry = new ShardEntry(_index, _samples, _file.Stream.Length, Hash(new HandleStream(file)));
                flushing.GetAwaiter().GetResult();
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

    // In larger blocks than SHA256.HashData reads.
    private static string Hash(Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[Block];
        for (int read; (read = stream.Read(block)) > 0; )
            hash.AppendData(block, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
