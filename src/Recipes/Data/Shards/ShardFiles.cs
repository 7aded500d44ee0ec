using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Recipes.Data;

/// <summary>Files open for reading at any offset from any thread; of very many, only the last opened stay open.</summary>
/// <param name="most">Files that may be open at once.</param>
internal sealed class ShardFiles(int most = 256) : IDisposable
{
    private readonly ConcurrentDictionary<string, SafeFileHandle> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>Fills a span from a file.</summary>
    /// <exception cref="RecipesException">The file is gone or shorter than it was.</exception>
    public void Read(string path, long offset, Span<byte> bytes)
    {
        while (true)
        {
            var handle = Open(path);
            try
            {
                Read(handle, path, offset, bytes);
                return;
            }
            catch (ObjectDisposedException)
            {
                // Another thread opened so many files that this one had to close: open it again.
                _open.TryRemove(KeyValuePair.Create(path, handle));
            }
        }
    }

    /// <summary>Fills a span from an open file.</summary>
    public static void Read(SafeFileHandle handle, string path, long offset, Span<byte> bytes)
    {
        var had = 0;
        while (had < bytes.Length && RandomAccess.Read(handle, bytes[had..], offset + had) is > 0 and var read)
            had += read;
        if (had < bytes.Length)
            throw new RecipesException(
                $"{path}: expected {bytes.Length} bytes from byte {offset}, found {had}. The file has changed; open it again."
            );
    }

    public void Dispose()
    {
        foreach (var path in _open.Keys)
            Close(path);
    }

    private SafeFileHandle Open(string path)
    {
        if (_open.TryGetValue(path, out var known))
            return known;
        var handle = OpenHandle(path);
        if (!_open.TryAdd(path, handle))
        {
            handle.Dispose();
            return Open(path);
        }
        _order.Enqueue(path);
        while (_open.Count > most && _order.TryDequeue(out var oldest))
            Close(oldest);
        return handle;
    }

    /// <summary>Opens a file for reading anywhere.</summary>
    /// <exception cref="RecipesException">It cannot be opened.</exception>
    public static SafeFileHandle OpenHandle(string path)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{path}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private void Close(string path)
    {
        if (_open.TryRemove(path, out var handle))
            handle.Dispose();
    }
}
