namespace Recipes.Data;

// Colour pictures with 16-bit depth.
internal sealed class RgbdFiles(string name, FileStore files, IReadOnlyList<(string Image, string Map)> pairs, double unitsPerMetre)
    : IDenseSet
{
    private const int TestEvery = 4;
    private static readonly string[] s_places = ["rgbd/rgbd_shared.zip", "rgbd.zip", "rgbd"];

    public string Name { get; } = name;

    public int Count => pairs.Count;

    public IReadOnlyList<DenseTask> Tasks { get; } = [DenseTask.Depth];

    public IReadOnlyList<string> Classes => [];

    public IReadOnlyList<string> BoxClasses => [];

    public static RgbdFiles Open(string name, string set, double unitsPerMetre, string? path, Split split, DataRoots roots)
    {
        var files = FileStore.Find(name, path, s_places, $"{set}/color/NAME.png and {set}/depth/NAME.png", roots);
        var sets = files.Names.Where(n => n.Contains("/color/", StringComparison.Ordinal)).Select(n => n.Split('/')[0]).Distinct().ToList();
        if (!sets.Contains(set))
            throw new RecipesException($"data {name}: no set '{set}'{Nearest.End(set, sets)} Known: {string.Join(", ", sets)}.");
        var title = $"{name}/{set}/{(split == Split.Train ? "train" : "test")}";
        var pairs = PairedFiles.Match(title, files, $"{set}/color/", $"{set}/depth/");
        return new RgbdFiles(
            title,
            files,
            [.. pairs.Where((_, i) => i % TestEvery == TestEvery - 1 == (split == Split.Test))],
            unitsPerMetre
        );
    }

    public DenseSample Read(int index, int side)
    {
        var (image, values) = PairedFiles.Read(files, pairs[index]);
        return new DenseSample(image, Depth: Array.ConvertAll(values, v => (float)(v / unitsPerMetre)));
    }
}
