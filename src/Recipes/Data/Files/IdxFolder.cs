namespace Recipes.Data;

/// <summary>
/// A folder of IDX files: <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c> and the same for <c>t10k</c>, or one pair
/// <c>images-idx3-ubyte</c>, <c>labels-idx1-ubyte</c>, of which every sixth picture of each class is for testing. Gzipped or not.
/// </summary>
internal static class IdxFolder
{
    private const int TestEvery = 6;

    public static IImageSet Open(string name, string[] folders, string[] classes, Split split, DataRoots roots)
    {
        var prefix = split == Split.Train ? "train-" : "t10k-";
        var folder =
            roots.Find(folders, f => HasPair(f, prefix) || HasPair(f, ""))
            ?? throw roots.Missing(name, folders, $"{prefix}images-idx3-ubyte(.gz) and {prefix}labels-idx1-ubyte(.gz)");
        var own = HasPair(folder, prefix);
        var title = $"{name}/{(split == Split.Train ? "train" : "test")}";
        var all = Read(title, folder, own ? prefix : "", classes);
        return own ? all : ClassSplit.Take(all, split, TestEvery);
    }

    private static bool HasPair(string folder, string prefix) =>
        PackedFile.Find(folder, prefix + "images-idx3-ubyte") is not null
        && PackedFile.Find(folder, prefix + "labels-idx1-ubyte") is not null;

    private static MemoryImages Read(string title, string folder, string prefix, string[] classes)
    {
        var problems = new List<string>();
        var imagesPath = PackedFile.Find(folder, prefix + "images-idx3-ubyte")!;
        var labelsPath = PackedFile.Find(folder, prefix + "labels-idx1-ubyte")!;
        var images = IdxFile.Read(imagesPath, 3, problems);
        var labels = IdxFile.Read(labelsPath, 1, problems);
        if (images is not null && (images.Shape[1] != images.Shape[2] || images.Shape[1] > 256))
            problems.Add($"{imagesPath}: expected square pictures of at most 256 pixels, found {images.Shape[2]} x {images.Shape[1]}");
        if (images is not null && labels is not null && images.Shape[0] != labels.Shape[0])
            problems.Add($"{labelsPath}: expected {images.Shape[0]} labels, one for each picture, found {labels.Shape[0]}");
        if (labels is not null && labels.Data.Span.IndexOfAnyExceptInRange((byte)0, (byte)(classes.Length - 1)) is >= 0 and var at)
            problems.Add($"{labelsPath}: expected labels 0 to {classes.Length - 1}, found {labels.Data.Span[at]} at position {at}");
        RecipesException.ThrowIfAny($"data {title}: broken files. Remove them and get them again with `recipes data get`.", problems);
        return new MemoryImages(title, classes, images!.Data, labels!.Data.ToArray(), images.Shape[1], 1);
    }
}

/// <summary>A fixed split of a set that has none: every n-th picture of each class is for testing.</summary>
internal static class ClassSplit
{
    public static IImageSet Take(IImageSet all, Split split, int testEvery)
    {
        var seen = new int[all.Classes.Count];
        var chosen = new List<int>();
        for (var i = 0; i < all.Count; i++)
        {
            var test = seen[all.Label(i)]++ % testEvery == testEvery - 1;
            if (test == (split == Split.Test))
                chosen.Add(i);
        }
        return new SubsetImages(all, chosen);
    }
}
