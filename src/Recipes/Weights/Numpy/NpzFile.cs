using System.IO.Compression;

namespace Recipes.Weights;

/// <summary>
/// numpy's archives of named arrays (.npz): what numpy.savez and numpy.savez_compressed write is read, and what is written
/// numpy.load reads. Objects, which are code, and big-endian numbers are refused.
/// </summary>
public static class NpzFile
{
    /// <summary>The most bytes that the arrays of one archive may have together, unless asked for more.</summary>
    public const long MostBytes = 1L << 28;

    private const string Ending = ".npy";
    private const long MostShrunk = 1100; // deflate shrinks at most 1032 times

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">The most bytes of all arrays; a file that claims more is refused before anything is allocated.</param>
    /// <exception cref="RecipesException">It is missing, or as for the other overload.</exception>
    public static IReadOnlyDictionary<string, DenseArray> Read(string path, long mostBytes = MostBytes)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path, mostBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{path}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>Reads an archive that is in memory.</summary>
    /// <param name="archive">The whole archive.</param>
    /// <param name="name">How errors name it.</param>
    /// <param name="mostBytes">The most bytes of all arrays.</param>
    /// <returns>The arrays by name, in the archive's order.</returns>
    /// <exception cref="RecipesException">It is damaged, cut short, hostile, or holds something else than arrays of numbers.</exception>
    public static IReadOnlyDictionary<string, DenseArray> Read(byte[] archive, string name, long mostBytes = MostBytes)
    {
        var arrays = new OrderedDictionary<string, DenseArray>(StringComparer.Ordinal);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(archive, writable: false), ZipArchiveMode.Read);
            long total = 0;
            foreach (var entry in zip.Entries)
            {
                var title = entry.FullName;
                if (!title.EndsWith(Ending, StringComparison.Ordinal) || title.Length == Ending.Length)
                    throw Bad(name, $"its member {title} is no array ({Ending})");
                total += entry.Length;
                if (entry.Length < 0 || total > mostBytes || entry.Length > MostShrunk * Math.Max(entry.CompressedLength, 1))
                    throw Bad(
                        name,
                        $"its member {title} claims {entry.Length} bytes from {entry.CompressedLength}; at most {mostBytes} are read"
                    );
                var array = NpyFormat.Read(Content(entry, name), problem => Bad(name, $"{title}: {problem}"));
                if (!arrays.TryAdd(title[..^Ending.Length], array))
                    throw Bad(name, $"its member {title} stands twice");
            }
        }
        catch (Exception e)
            when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw Bad(name, $"it is no whole zip archive ({e.Message.TrimEnd('.')})", e);
        }
        return arrays;
    }

    /// <summary>The bytes of an archive as numpy.savez_compressed lays it out; equal arrays give equal bytes.</summary>
    /// <exception cref="RecipesException">An element type that numpy lacks.</exception>
    public static byte[] Write(IEnumerable<KeyValuePair<string, DenseArray>> arrays)
    {
        var zip = new ZipPacker();
        foreach (var (name, array) in arrays)
            zip.Deflate(name + Ending, NpyFormat.Write(array));
        return zip.ToArray();
    }

    private static byte[] Content(ZipArchiveEntry entry, string name)
    {
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length)
            throw Bad(name, $"its member {entry.FullName} ends before its {entry.Length} bytes");
        return ZipPacker.Crc(content) == entry.Crc32
            ? content
            : throw Bad(name, $"its member {entry.FullName} is damaged: its checksum is another");
    }

    private static RecipesException Bad(string name, string problem, Exception? inner = null)
    {
        var problems = new ProblemList();
        problems.Add(problem);
        return new RecipesException($"{name} is not a usable archive of numpy arrays; get or write it again:", problems.Lines, inner);
    }
}
