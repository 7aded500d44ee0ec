namespace Recipes.Data;

/// <summary>
/// CIFAR-10's binary files, gzipped or not: <c>train.bin</c> and <c>test.bin</c>, or <c>data_batch_1.bin</c> … and
/// <c>test_batch.bin</c>. Records of 3,073 bytes: a label, then 1,024 red, green and blue values each.
/// </summary>
internal static class CifarFolder
{
    private const int Side = 32;
    private const int Planes = 3;
    private const int Record = 1 + Planes * Side * Side;

    private static readonly string[] s_folders = ["cifar10", "cifar-10", "cifar-10-batches-bin"];
    private static readonly string[] s_classes = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck".Split(',');

    public static IImageSet Open(string name, Split split, DataRoots roots)
    {
        var folder =
            roots.Find(s_folders, f => Files(f, split).Count > 0)
            ?? throw roots.Missing(
                name,
                s_folders,
                split == Split.Train ? "data_batch_1.bin … data_batch_5.bin, or train.bin(.gz)" : "test_batch.bin, or test.bin(.gz)"
            );
        var title = $"{name}/{(split == Split.Train ? "train" : "test")}";
        var problems = new List<string>();
        var files = Files(folder, split)
            .ConvertAll(f => PackedFile.Read(f, problems) is { } bytes && Check(f, bytes, problems) ? bytes : []);
        RecipesException.ThrowIfAny(
            $"data {title}: broken files. Remove them and get them again with `recipes data get {name}`.",
            problems
        );

        var count = files.Sum(f => f.Length / Record);
        var (labels, pixels) = (new byte[count], new byte[count * (Record - 1)]);
        var i = 0;
        foreach (var file in files)
        {
            for (var at = 0; at < file.Length; at += Record, i++)
            {
                labels[i] = file[at];
                file.AsSpan(at + 1, Record - 1).CopyTo(pixels.AsSpan(i * (Record - 1)));
            }
        }
        return new MemoryImages(title, s_classes, pixels, labels, Side, Planes);
    }

    private static List<string> Files(string folder, Split split)
    {
        string[] names = split == Split.Train ? [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")] : ["test_batch.bin"];
        var upstream = names.Select(n => PackedFile.Find(folder, n)).ToList();
        if (upstream.TrueForAll(f => f is not null))
            return upstream!;
        return PackedFile.Find(folder, split == Split.Train ? "train.bin" : "test.bin") is { } single ? [single] : [];
    }

    private static bool Check(string path, byte[] bytes, List<string> problems)
    {
        if (bytes.Length == 0 || bytes.Length % Record != 0)
        {
            problems.Add(
                $"{path}: expected a whole number of records of {Record} bytes, found {bytes.Length} bytes ({(double)bytes.Length / Record:F2} records)"
            );
            return false;
        }
        for (var at = 0; at < bytes.Length; at += Record)
        {
            if (bytes[at] >= s_classes.Length)
            {
                problems.Add($"{path}: expected labels 0 to {s_classes.Length - 1}, found {bytes[at]} in record {at / Record}");
                return false;
            }
        }
        return true;
    }
}
