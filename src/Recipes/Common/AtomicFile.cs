namespace Recipes;

/// <summary>Files appear whole or not at all: written beside their place under a temporary name, flushed to disk, moved.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream. On any error the temporary file is removed and an older file stays as it was.</summary>
    /// <exception cref="RecipesException">The place cannot be written or the disk is full.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        try
        {
            using var file = new PendingFile(path);
            write(file.Stream);
            file.Commit();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw CannotBeWritten(path, e);
        }
    }

    /// <summary>Writes text as UTF-8 without a byte-order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    internal static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException;

    internal static RecipesException CannotBeWritten(string path, Exception e) =>
        new($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Choose another place with --out, or make room.", e);
}
