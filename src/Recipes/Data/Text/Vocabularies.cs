namespace Recipes.Data;

/// <summary>The vocabularies that <c>recipes data get</c> knows, and where they are on this machine.</summary>
public static class Vocabularies
{
    private const string ClipFile = "bpe_simple_vocab_16e6.txt.gz";

    /// <summary>All of them. The digest is that of the file at commit d05afc436d of the repository.</summary>
    public static IReadOnlyList<DataEntry> All { get; } =
    [
        new DataEntry(
            "clip-vocabulary",
            "CLIP's byte-pair encoding, 49,408 tokens; also of MobileCLIP",
            "https://github.com/openai/CLIP",
            "MIT",
            [
                new DataFile(
                    ClipFile,
                    new Uri("https://github.com/openai/CLIP/raw/main/clip/" + ClipFile),
                    1356917,
                    "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"
                ),
            ]
        ),
    ];

    /// <summary>Whether this machine has a vocabulary.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    /// <param name="roots">Where to look; null for the default.</param>
    public static bool Has(string name, DataRoots? roots = null) => Folder(name, roots ?? DataRoots.Default) is not null;

    /// <summary>The path of CLIP's vocabulary.</summary>
    /// <param name="roots">Where to look; null for the default.</param>
    /// <exception cref="MissingDataException">It is in none of them; the message has the command that gets it.</exception>
    public static string Clip(DataRoots? roots = null)
    {
        roots ??= DataRoots.Default;
        return Folder("clip-vocabulary", roots) is { } folder
            ? Path.Combine(folder, ClipFile)
            : throw roots.Missing("clip-vocabulary", Names("clip-vocabulary"), ClipFile);
    }

    private static string? Folder(string name, DataRoots roots) =>
        All.FirstOrDefault(e => e.Name == name) is { } entry
            ? roots.Find(Names(name), folder => entry.Files.All(f => File.Exists(Path.Combine(folder, f.Name))))
            : null;

    // Beside the name itself, where the shared test data has it.
    private static string[] Names(string name) => [name, "tokenizers/" + name.Replace("-vocabulary", "", StringComparison.Ordinal)];
}
