namespace Recipes.Data;

// CamVid as SegNet's authors prepared it.
internal sealed class CamVidFiles(string name, FileStore files, IReadOnlyList<(string Image, string Map)> pairs) : IDenseSet
{
    private const int Unlabelled = 11;
    private static readonly string[] s_places = ["camvid", "CamVid", "camvid_nc/camvid_shared.zip", "camvid.zip"];
    private static readonly string[] s_classes =
    [
        "sky",
        "building",
        "pole",
        "road",
        "pavement",
        "tree",
        "sign_symbol",
        "fence",
        "car",
        "pedestrian",
        "bicyclist",
    ];

    public string Name { get; } = name;

    public int Count => pairs.Count;

    public IReadOnlyList<DenseTask> Tasks { get; } = [DenseTask.Segmentation];

    public IReadOnlyList<string> Classes => s_classes;

    public IReadOnlyList<string> BoxClasses => [];

    public static CamVidFiles Open(string name, string? path, Split split, DataRoots roots)
    {
        var part = split == Split.Train ? "train" : "test";
        var files = FileStore.Find(name, path, s_places, $"{part}/NAME.png and {part}_mask/NAME.png", roots);
        var title = $"{name}/{part}";
        var maps = files.Names.Any(n => n.StartsWith(part + "annot/", StringComparison.Ordinal)) ? part + "annot/" : part + "_mask/";
        return new CamVidFiles(title, files, PairedFiles.Match(title, files, part + "/", maps));
    }

    public DenseSample Read(int index, int side)
    {
        var (image, values) = PairedFiles.Read(files, pairs[index]);
        var labels = new byte[values.Length];
        for (var p = 0; p < labels.Length; p++)
        {
            if (values[p] > Unlabelled)
                throw new RecipesException(
                    $"{files.At(pairs[index].Map)}: expected classes 0 to {s_classes.Length - 1} and {Unlabelled} for none, found {values[p]} in column {p % image.Width}, row {p / image.Width}. Use masks whose pixels are class numbers."
                );
            labels[p] = values[p] == Unlabelled ? DenseSample.Ignore : (byte)values[p];
        }
        return new DenseSample(image, labels);
    }
}
