using System.Text.Json;

namespace Recipes.Data;

/// <summary>
/// COCO's captions: <c>annotations/captions….json</c> with <c>images [{id, file_name}]</c> and <c>annotations [{image_id, caption}]</c>, and
/// the pictures in the same folder or zip, under whichever subfolder.
/// </summary>
internal static class CocoCaptions
{
    /// <summary>Opens a folder, a zip, or one annotation file whose pictures are in its folder or the folder above.</summary>
    /// <returns>The set, and whether the annotation files are themselves divided into training and test.</returns>
    public static (ICaptionedSet Set, bool Divided) Open(string name, string path, Split split, List<SampleProblem> problems)
    {
        var single = path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(path);
        var folder = ArchiveFolder.Open(single ? FolderOf(path) : path);
        IReadOnlyList<string> files = single
            ? [Path.GetRelativePath(folder.Path, Path.GetFullPath(path)).Replace('\\', '/')]
            : [.. folder.Names.Where(IsCaptions)];
        var (file, divided) = Choose(files, split, folder.Path);
        return (new CaptionedFiles(name, folder, Read(folder, file, problems)), divided);
    }

    /// <summary>Whether a path looks like COCO's captions: such a JSON file, or a folder or zip that holds one.</summary>
    public static bool IsAt(string path)
    {
        if (File.Exists(path) && !path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            return IsCaptions(path.Replace('\\', '/'));
        if (!Path.Exists(path))
            return false;
        using var folder = ArchiveFolder.Open(path);
        return folder.Names.Any(IsCaptions);
    }

    private static string FolderOf(string file)
    {
        var own = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return Path.GetFileName(own) == "annotations" ? Path.GetDirectoryName(own)! : own;
    }

    private static bool IsCaptions(string name) =>
        name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        && name[(name.LastIndexOf('/') + 1)..].Contains("captions", StringComparison.OrdinalIgnoreCase);

    private static (string File, bool Divided) Choose(IReadOnlyList<string> files, Split split, string path)
    {
        if (files.Count == 1)
            return (files[0], false);
        var of = files
            .Where(f => Path.GetFileName(f).Contains(split == Split.Train ? "train" : "val", StringComparison.OrdinalIgnoreCase))
            .ToList();
        return of.Count == 1
            ? (of[0], true)
            : throw new RecipesException(
                $"COCO captions {path}: expected one file captions….json, or one each with train and val in its name, found {(files.Count == 0 ? "none" : string.Join(", ", files))}. Give the path of one file."
            );
    }

    private static List<CaptionedPicture> Read(ArchiveFolder folder, string file, List<SampleProblem> problems)
    {
        try
        {
            using var json = JsonDocument.Parse(folder.Read(file));
            return Read(json.RootElement, folder, folder.Place(file), problems);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new RecipesException(
                $"{folder.Place(file)}: expected COCO's captions (images with id and file_name, annotations with image_id and caption), found another document ({e.Message.TrimEnd('.')}).",
                e
            );
        }
    }

    private static List<CaptionedPicture> Read(JsonElement root, ArchiveFolder folder, string place, List<SampleProblem> problems)
    {
        var captions = root.GetProperty("images")
            .EnumerateArray()
            .Select(i => i.GetProperty("id").GetInt64())
            .Distinct()
            .ToDictionary(id => id, _ => new List<string>());
        foreach (var annotation in root.GetProperty("annotations").EnumerateArray())
        {
            var id = annotation.GetProperty("image_id").GetInt64();
            if (captions.TryGetValue(id, out var texts))
                texts.Add(annotation.GetProperty("caption").GetString() ?? "");
            else
                problems.Add(new SampleProblem(place, $"image_id {id}", "caption of an unknown picture"));
        }
        var (pictures, keys) = (new List<CaptionedPicture>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var image in root.GetProperty("images").EnumerateArray())
        {
            var (id, name) = (image.GetProperty("id").GetInt64(), image.GetProperty("file_name").GetString() ?? "");
            if (!keys.Add(name))
                problems.Add(new SampleProblem(place, name, "duplicate key", "the first is used"));
            else if (captions[id].Count == 0)
                problems.Add(new SampleProblem(place, name, "no caption", $"image_id {id}"));
            else if (folder.Find(name) is not { } found)
                problems.Add(new SampleProblem(place, name, "picture is missing", $"in {folder.Path}"));
            else
                pictures.Add(new CaptionedPicture(name, found, captions[id]));
        }
        return pictures;
    }
}
