using System.Formats.Tar;
using System.IO.Compression;

namespace Recipes.Data;

/// <summary>How to download.</summary>
public sealed record DataGetOptions
{
    /// <summary>The cache folder; each data set gets a subfolder of its name.</summary>
    /// <value>Default: <see cref="DataRoots.Cache"/>.</value>
    public string Folder { get; init; } = DataRoots.Cache;

    /// <summary>Take every file from here instead of its official home: a mirror, or a test's own server.</summary>
    /// <value>Default: null.</value>
    public Uri? Mirror { get; init; }

    /// <summary>Never use the network.</summary>
    /// <value>Default: whether <c>$RECIPES_OFFLINE</c> is <c>1</c>.</value>
    public bool Offline { get; init; } = Environment.GetEnvironmentVariable("RECIPES_OFFLINE") == "1";

    /// <summary>Whether the user has accepted the terms of what is to come.</summary>
    /// <value>Default false.</value>
    public bool AcceptLicence { get; init; }

    /// <summary>Receives file name, bytes so far and all bytes (0 while unknown), as they come.</summary>
    public Action<string, long, long>? Progress { get; init; }
}

/// <summary>Downloads data sets: resumed, checked, and in their place only when whole.</summary>
public static class DataCache
{
    /// <summary>
    /// Brings a data set into the cache and returns its folder. Files that are there with the right SHA-256 are kept; what a
    /// broken download left is continued.
    /// </summary>
    /// <param name="name">A name of <see cref="DataCatalog"/>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellation">Stops the download; what has come stays for the next time.</param>
    /// <exception cref="RecipesException">Unknown name, offline, no answer, or a wrong checksum.</exception>
    public static Task<string> GetAsync(string name, DataGetOptions? options = null, CancellationToken cancellation = default) =>
        GetAsync(DataCatalog.Find(name), options ?? new DataGetOptions(), cancellation);

    /// <summary>The same for an entry of one's own.</summary>
    public static async Task<string> GetAsync(DataEntry entry, DataGetOptions options, CancellationToken cancellation = default)
    {
        var folder = Path.Combine(options.Folder, entry.Name);
        if (entry.Files.Count == 0)
            return folder;
        if (entry.MustAccept && !options.AcceptLicence)
            throw new RecipesException(
                $"data {entry.Name}: its terms are '{entry.Licence}' ({entry.Home}). Read them there; to accept, run 'recipes data get {entry.Name} --accept-licence' (code: AcceptLicence)."
            );
        using var download = new Download(options);
        foreach (var file in entry.Files)
        {
            var path = Path.Combine(folder, file.Name);
            if (!await Download.IsWholeAsync(path, file, cancellation))
                await download.FetchAsync(entry.Name, file, path, cancellation);
            if (file.Name.EndsWith(".tar.gz", StringComparison.Ordinal))
                Unpack(path, folder);
            else if (file.Name.EndsWith(".zip", StringComparison.Ordinal))
                UnpackZip(path, folder);
        }
        return folder;
    }

    // As below.
    private static void UnpackZip(string archive, string folder)
    {
        try
        {
            using var zip = ZipFile.OpenRead(archive);
            foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
            {
                var target = Path.Combine(folder, entry.Name);
                if (File.Exists(target) && new FileInfo(target).Length == entry.Length)
                    continue;
                using var content = entry.Open();
                AtomicFile.Write(target, content.CopyTo);
            }
        }
        catch (InvalidDataException e)
        {
            throw new RecipesException($"{archive}: cannot be unpacked ({e.Message.TrimEnd('.')}). Remove it and get it again.", e);
        }
    }

    // Plain files of an archive, by their last name only, so that no entry can leave the folder; each appears whole or not at all.
    private static void Unpack(string archive, string folder)
    {
        try
        {
            using var gzip = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
            using var tar = new TarReader(gzip);
            while (tar.GetNextEntry() is { } entry)
            {
                var name = Path.GetFileName(entry.Name);
                var target = Path.Combine(folder, name);
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || name.Length == 0)
                    continue;
                if (!File.Exists(target) || new FileInfo(target).Length != entry.Length)
                    AtomicFile.Write(target, stream => entry.DataStream?.CopyTo(stream));
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new RecipesException($"{archive}: cannot be unpacked ({e.Message.TrimEnd('.')}). Remove it and get it again.", e);
        }
    }
}
