namespace Recipes;

/// <summary>A file under a temporary name beside its place, until it is committed; disposed before that, it leaves nothing.</summary>
internal sealed class PendingFile : IDisposable
{
    private static int s_number;
    private readonly string _place;
    private readonly string _temporary;

    public PendingFile(string path)
    {
        _place = Path.GetFullPath(path);
        // Threads of one process may write the same file, such as ranks that finish together.
        _temporary = $"{_place}.{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(_place)!);
        Stream = new FileStream(_temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
    }

    /// <summary>What to write to; it can be read back.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to disk and moves into place.</summary>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_temporary, _place, overwrite: true);
    }

    public void Dispose()
    {
        try
        {
            Stream.Dispose();
            File.Delete(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
