namespace Recipes;

/// <summary>Files appear whole or not at all: written beside their place under a temporary name, flushed to disk, moved.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream. On any error the temporary file is removed and an older file stays as it was.</summary>
    /// <exception cref="RecipesException">The place cannot be written or the disk is full.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        var full = Path.GetFullPath(path);
        var temporary = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RecipesException(
                $"{path}: cannot be written ({e.Message.TrimEnd('.')}). Choose another place with --out, or make room.",
                e
            );
        }
        finally
        {
            DeleteQuietly(temporary);
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
