namespace Recipes.Data;

/// <summary>The folders in which data sets are looked for, in this order.</summary>
/// <param name="Folders">The folders; they need not exist.</param>
public sealed record DataRoots(IReadOnlyList<string> Folders)
{
    /// <summary>
    /// <c>$RECIPES_DATA</c>, then the cache, then <c>../shared/data</c> beside the checkout: the one that <c>$RECIPES_ROOT</c> names,
    /// else the one whose <c>bin</c> this library is in. Read from the environment at every use.
    /// </summary>
    public static DataRoots Default
    {
        get
        {
            var folders = new List<string>();
            if (Variable("RECIPES_DATA") is { } data)
                folders.Add(data);
            folders.Add(Cache);
            if ((Variable("RECIPES_ROOT") ?? Checkout()) is { } root)
                folders.Add(Path.GetFullPath(Path.Combine(root, "..", "shared", "data")));
            return new DataRoots(folders);
        }
    }

    private static string? Checkout() =>
        Path.GetDirectoryName(Path.GetDirectoryName(typeof(DataRoots).Assembly.Location)) is { } above
        && File.Exists(Path.Combine(above, "Recipes.sln"))
            ? above
            : null;

    /// <summary>Where downloads go: <c>$RECIPES_CACHE</c>, else <c>recipes</c> in the platform's cache folder.</summary>
    public static string Cache => Variable("RECIPES_CACHE") ?? Path.Combine(PlatformCache(), "recipes");

    /// <summary>The first folder, with one of these names in one of the roots, that satisfies the test; null when none does.</summary>
    public string? Find(IEnumerable<string> names, Func<string, bool> holds) =>
        (
            from root in Folders
            from name in names
            let folder = Path.Combine(root, name)
            where Directory.Exists(folder) && holds(folder)
            select folder
        ).FirstOrDefault();

    /// <summary>The error for a data set that is in none of the roots.</summary>
    /// <param name="name">The data set.</param>
    /// <param name="folders">The folder names that were tried in each root.</param>
    /// <param name="files">The files that such a folder must hold.</param>
    public MissingDataException Missing(string name, IEnumerable<string> folders, string files) =>
        new(
            $"data {name}: not found. Expected {files} in one of the folders below. Get it with `recipes data get {name}`, or point RECIPES_DATA at the folder that holds it.",
            [.. Folders.Select(root => "searched " + Path.Combine(root, "{" + string.Join(",", folders) + "}"))]
        );

    /// <summary>The error for a path that is neither in the working folder nor in a root.</summary>
    public MissingDataException NotFound(string path) =>
        new(
            $"{path}: no such file or folder. Give a path that exists.",
            [.. Folders.Prepend(Environment.CurrentDirectory).Select(f => "searched " + f)]
        );

    private static string PlatformCache()
    {
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS()
            ? Path.Combine(home, "Library", "Caches")
            : Variable("XDG_CACHE_HOME") ?? Path.Combine(home, ".cache");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
