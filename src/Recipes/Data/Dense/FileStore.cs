using System.IO.Compression;

namespace Recipes.Data;

/// <summary>The files of a folder or of a zip file, by their names within, with forward slashes; read from any thread.</summary>
internal sealed class FileStore
{
    private const long MostBytes = 1L << 28;
    private readonly string _path;
    private readonly bool _zipped;

    private FileStore(string path)
    {
        _path = path;
        if (Directory.Exists(path))
        {
            Names = Directory
                .EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(path, f).Replace('\\', '/'))
                .ToHashSet(StringComparer.Ordinal);
            return;
        }
        _zipped = true;
        using var zip = ZipFile.OpenRead(path);
        Names = zip.Entries.Select(e => e.FullName).Where(n => !n.EndsWith('/')).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>All names.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>Opens what is at the path.</summary>
    /// <exception cref="RecipesException">There is nothing, or a zip file that is cut off or none.</exception>
    public static FileStore Open(string path)
    {
        try
        {
            return new FileStore(path);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new RecipesException(
                $"{path}: cannot be read ({e.Message.TrimEnd('.')}). Expected a folder or a whole zip file; get it again.",
                e
            );
        }
    }

    /// <summary>What is at a given path, or the first of these folders or zip files among the data.</summary>
    /// <exception cref="MissingDataException">It is nowhere.</exception>
    public static FileStore Find(string name, string? path, string[] places, string files, DataRoots roots)
    {
        if (path is not null)
            return Open(path);
        var found = (
            from root in roots.Folders
            from place in places
            let full = Path.Combine(root, place)
            where File.Exists(full) || Directory.Exists(full)
            select full
        ).FirstOrDefault();
        return found is null ? throw roots.Missing(name, places, files) : Open(found);
    }

    /// <summary>How errors name a file.</summary>
    public string At(string name) => !_zipped ? Path.Combine(_path, name) : $"{_path}!{name}";

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="RecipesException">It is cut off or too large.</exception>
    public byte[] Read(string name)
    {
        try
        {
            if (!_zipped)
                return File.ReadAllBytes(Path.Combine(_path, name));
            using var zip = ZipFile.OpenRead(_path);
            var entry = zip.GetEntry(name) ?? throw new InvalidDataException("it is not in the zip file");
            if (entry.Length > MostBytes)
                throw new InvalidDataException($"it unpacks to {entry.Length} bytes");
            var bytes = new byte[entry.Length];
            using var stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{At(name)}: cannot be read ({e.Message.TrimEnd('.')}). Get the data again.", e);
        }
    }
}
