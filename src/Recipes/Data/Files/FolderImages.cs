namespace Recipes.Data;

/// <summary>Picture files in one subfolder a class, decoded when they are read.</summary>
internal sealed class FolderImages : IImageSet
{
    private const int TestEvery = 5;
    private static readonly string[] s_endings = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];

    private readonly IReadOnlyList<(string Path, int Label)> _files;

    private FolderImages(string name, IReadOnlyList<string> classes, IReadOnlyList<(string Path, int Label)> files)
    {
        (Name, Classes, _files) = (name, classes, files);
    }

    public string Name { get; }

    public int Count => _files.Count;

    public IReadOnlyList<string> Classes { get; }

    public static IImageSet Open(string path, Split split)
    {
        if (!Directory.Exists(path))
            throw new RecipesException(
                $"image folder {path}: expected a folder, found none. Give the folder that holds one subfolder a class."
            );
        var test = Array.Find(["test", "val", "valid", "validation"], n => Directory.Exists(Path.Combine(path, n)));
        var divided = test is not null && Directory.Exists(Path.Combine(path, "train"));
        var name =
            $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))}/{(split == Split.Train ? "train" : "test")}";
        var classes = ClassNames(divided ? Path.Combine(path, "train") : path);
        var folder =
            divided && split == Split.Test ? Path.Combine(path, test!)
            : divided ? Path.Combine(path, "train")
            : path;
        var problems = new List<string>();
        foreach (var unknown in ClassNames(folder).Except(classes, StringComparer.Ordinal))
            problems.Add($"{Path.Combine(folder, unknown)}: a class that train/ does not have{Nearest.Hint(unknown, classes)}");
        var files = classes.SelectMany((c, label) => Pictures(Path.Combine(folder, c)).Select(f => (f, label))).ToList();
        if (files.Count == 0)
            problems.Add(
                $"{folder}: expected subfolders with pictures ({string.Join(' ', s_endings)}), found none. Give the folder that holds one subfolder a class"
            );
        RecipesException.ThrowIfAny($"image folder {path}: cannot be used.", problems);
        var all = new FolderImages(name, classes, files);
        return divided ? all : ClassSplit.Take(all, split, TestEvery);
    }

    public int Label(int index) => _files[index].Label;

    public void Read(int index, int size, Span<byte> rgb) => ImageDecoder.ReadSquare(_files[index].Path, size, rgb);

    private static string[] ClassNames(string folder) =>
        [.. Directory.GetDirectories(folder).Select(d => Path.GetFileName(d)).Where(n => n[0] != '.').Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Pictures(string folder) =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(f => s_endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)
            : [];
}
