using System.IO.Compression;
using Recipes.Data;

namespace Recipes.Benchmarks;

/// <summary>
/// What a training step needs of a reinforced sample's picture: decode, the stored crop, the stored operations, at 224 pixels on one
/// core; against the Python Imaging Library with the same files, crops and operations, whose results are compared first. The aim: 1.5
/// times its pictures a second.
/// </summary>
internal static class AugmentBenchmark
{
    private const int Size = 224;

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var pictures = Pictures(options.Quick ? 4 : 60);
        var folder = Directory.CreateTempSubdirectory("recipes-augment-");
        try
        {
            var work = pictures.Select((bytes, i) => Draw(bytes, i)).ToList();
            foreach (var ((bytes, stored, _), i) in work.Select((w, i) => (w, i)))
            {
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.jpg"), bytes);
                File.WriteAllText(Path.Combine(folder.FullName, $"{i}.json"), stored.ToJson());
            }
            using var pillow = PillowPeer.Start(folder.FullName, Size, out var why);
            if (pillow is null)
                Console.Error.WriteLine($"augment: no comparison, {why}");
            else
                Compare(work, pillow);
            yield return Total(work, pillow, options);
            foreach (var table in Parts(work, pillow, options))
                yield return table;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Table Total(
        List<(byte[] File, StoredAugmentation Stored, RgbImage Image)> work,
        PillowPeer? pillow,
        BenchmarkOptions options
    )
    {
        var canvas = new ImageCanvas();
        var ours = new Arm(
            "Recipes",
            () =>
                Cost.Of(() =>
                {
                    foreach (var (file, stored, _) in work)
                        stored.Replay(file, Size, canvas);
                })
        );
        var title =
            $"{work.Count} pictures of {work.Average(w => w.Image.Width * w.Image.Height) / 1e6:F2} megapixels: decode, crop, operations";
        return Table.Measure(title, 3, options.Rounds, pillow is null ? [ours] : [pillow.Arm("all"), ours]);
    }

    private static IEnumerable<Table> Parts(
        List<(byte[] File, StoredAugmentation Stored, RgbImage Image)> work,
        PillowPeer? pillow,
        BenchmarkOptions options
    )
    {
        var canvas = new ImageCanvas();
        var cropped = work.Select(w => (w.Stored with { Operations = null }).Replay(w.Image, Size)).ToList();
        var target = new byte[3 * Size * Size];
        var parts = new (string Name, Action<int> Work)[]
        {
            ("decode", i => ImageDecoder.DecodeRegion(work[i].File, work[i].Stored.Crop, "")),
            ("crop", i => (work[i].Stored with { Operations = null }).Replay(work[i].Image, Size, target)),
            (
                "operations",
                i =>
                {
                    canvas.Start(Size, Size);
                    cropped[i].Rgb.CopyTo(canvas.Pixels);
                    work[i].Stored.Operate(canvas);
                }
            ),
        };
        foreach (var (name, part) in parts)
        {
            var ours = new Arm("Recipes", () => Cost.Of(() => Each(part)));
            yield return Table.Measure(
                $"{work.Count} pictures: {name}",
                3,
                options.Rounds,
                pillow is null ? [ours] : [pillow.Arm(name), ours]
            );
        }

        void Each(Action<int> part)
        {
            for (var i = 0; i < work.Count; i++)
                part(i);
        }
    }

    private static void Compare(List<(byte[] File, StoredAugmentation Stored, RgbImage Image)> work, PillowPeer pillow)
    {
        var canvas = new ImageCanvas();
        for (var i = 0; i < work.Count; i++)
        {
            work[i].Stored.Replay(work[i].File, Size, canvas);
            if (!canvas.Pixels.SequenceEqual(pillow.Result(i)))
                throw new RecipesException($"picture {i}, {work[i].Stored}: the bytes are not those of the Python Imaging Library.");
        }
    }

    private static (byte[] File, StoredAugmentation Stored, RgbImage Image) Draw(byte[] file, int index)
    {
        var (rgb, width, height) = ImageDecoder.Decode(file, $"picture {index}");
        var rng = Rng.Stream(0, "augment benchmark", index);
        return (
            file,
            StoredAugmentation.Draw(StoredAugmentationPolicy.Strong, width, height, Size, ref rng),
            new RgbImage(rgb, width, height)
        );
    }

    // Photographs of ../shared where it is there, each several times; else a drawn scene as JPEG.
    private static List<byte[]> Pictures(int most)
    {
        var data = Path.Combine(Root(), "..", "shared", "data");
        var files = ((string[])["photos", "gbc/images"])
            .Select(f => Path.Combine(data, f))
            .Where(Directory.Exists)
            .SelectMany(f => Directory.GetFiles(f, "*.jpg").Order(StringComparer.Ordinal))
            .Select(File.ReadAllBytes)
            .ToList();
        if (Path.Combine(data, "coco_cc", "coco_cc_shared.zip") is var zip && File.Exists(zip))
        {
            using var archive = ZipFile.OpenRead(zip);
            foreach (var entry in archive.Entries.Where(e => e.Name.EndsWith(".jpg", StringComparison.Ordinal)))
            {
                using var content = new MemoryStream();
                using var stream = entry.Open();
                stream.CopyTo(content);
                files.Add(content.ToArray());
            }
        }
        if (files.Count == 0)
            files.AddRange(Enumerable.Range(0, 8).Select(Drawn));
        return [.. files.Take(most)];
    }

    private static byte[] Drawn(int index)
    {
        const int Side = 640;
        var rgb = new byte[3 * Side * Side];
        ScenePainter.Shared.Paint(Scene.At(0, index), Side, rgb);
        using var bitmap = SkiaSharp.SKBitmap.Decode(ImageBytes.ToPng(rgb, Side, Side));
        using var jpeg = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 90);
        return jpeg.ToArray();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Recipes.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
