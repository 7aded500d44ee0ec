namespace Recipes.Data;

/// <summary>
/// Files by name, in a folder or in a zip that is read as one, from any thread. Names are relative, with <c>/</c> between folders.
/// </summary>
public abstract class ArchiveFolder : IDisposable
{
    private readonly Lazy<IReadOnlyList<string>> _names;
    private readonly Lazy<ILookup<string, string>> _byFile;

    private protected ArchiveFolder(string path)
    {
        Path = path;
        _names = new(() => [.. List().Order(StringComparer.Ordinal)]);
        _byFile = new(() => Names.ToLookup(n => n[(n.LastIndexOf('/') + 1)..], StringComparer.Ordinal));
    }

    /// <summary>The folder or the zip.</summary>
    public string Path { get; }

    /// <summary>All files, those in subfolders too, in ordinal order.</summary>
    public IReadOnlyList<string> Names => _names.Value;

    /// <summary>Opens a folder or a zip file.</summary>
    /// <exception cref="RecipesException">Neither is there, or the zip is damaged.</exception>
    public static ArchiveFolder Open(string path)
    {
        if (Directory.Exists(path))
            return new PlainFolder(path);
        return File.Exists(path)
            ? new ZipFolder(path)
            : throw new RecipesException($"{path}: expected a folder or a zip file, found nothing.");
    }

    /// <summary>Whether there is a file of this name.</summary>
    public abstract bool Contains(string name);

    /// <summary>The file of this name; else the one file in any subfolder that is called so; null when there is none, or several.</summary>
    public string? Find(string name)
    {
        if (Contains(name))
            return name;
        var found = _byFile.Value[name[(name.LastIndexOf('/') + 1)..]].Take(2).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="RecipesException">It is not there, cannot be read or is damaged.</exception>
    public abstract byte[] Read(string name);

    /// <summary>How errors name a file.</summary>
    public abstract string Place(string name);

    /// <summary>Closes the zip.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    private protected abstract IEnumerable<string> List();
}

// A folder on disk; names may also be absolute.
internal sealed class PlainFolder(string path) : ArchiveFolder(path)
{
    public override bool Contains(string name) => File.Exists(Place(name));

    public override byte[] Read(string name)
    {
        try
        {
            return File.ReadAllBytes(Place(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{Place(name)}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public override string Place(string name) => System.IO.Path.Combine(Path, name);

    private protected override IEnumerable<string> List() =>
        Directory
            .EnumerateFiles(Path, "*", SearchOption.AllDirectories)
            .Select(f => System.IO.Path.GetRelativePath(Path, f).Replace('\\', '/'));
}
