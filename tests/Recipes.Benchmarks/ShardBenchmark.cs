using Recipes.Data;
using SkiaSharp;

namespace Recipes.Benchmarks;

/// <summary>
/// Shards of photographs against what bounds them: writing against a plain write of the same bytes to the same disk, flushed as well;
/// reading members against reading the same bytes of the file, and pictures from shards against decoding files that are in memory. The aim
/// is 0.8 of the bound.
/// </summary>
internal static class ShardBenchmark
{
    private const int Side = 384;
    private const int PerShard = 1024;
    private static readonly int[] s_members = [1100, 263, 102, 48, 28];

    public static IEnumerable<Table> Run(BenchmarkOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("recipes-shards-").FullName;
        try
        {
            var samples = Samples(options.Quick ? 256 : 12288);
            yield return Writing(samples, folder, options);
            var read = Path.Combine(folder, "read");
            Write(samples[..Math.Min(samples.Count, 1024)], read);
            using var set = ShardSet.Open(read);
            yield return Reading(set, options);
            yield return Pictures(set, read, options);
            yield return Opening(read, samples.Count, options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Table Writing(List<ShardSample> samples, string folder, BenchmarkOptions options)
    {
        var tars = Path.Combine(folder, "tars");
        Write(samples, tars);
        var files = Directory.GetFiles(tars, "*.tar").Select(File.ReadAllBytes).ToList();
        var plain = Path.Combine(folder, "plain");
        return Table.Measure(
            $"writing {samples.Count} samples of {1 + s_members.Length} members, {files.Sum(f => (long)f.Length) / 1e6:F0} MB in {files.Count} files",
            1,
            options.Rounds,
            new Arm("the same files written plainly, flushed", () => Cost.Of(() => Plain(files, plain))),
            new Arm("the same, with their SHA-256", () => Cost.Of(() => Hashed(files, plain))),
            new Arm("shards with manifest", () => Cost.Of(() => Write(samples, tars)))
        );
    }

    private static Table Reading(ShardSet set, BenchmarkOptions options)
    {
        var order = Rng.Stream(0, "order").Permutation(set.Count);
        string[] files = [.. set.Shards.Select(s => s.Path)];
        return Table.Measure(
            $"reading {set.Count} whole samples at random, the files in the system's cache",
            1,
            options.Rounds,
            new Arm("the same bytes in one go", () => Cost.Of(() => Array.ForEach(files, f => File.ReadAllBytes(f)))),
            new Arm("samples, one thread", () => Cost.Of(() => Array.ForEach(order, i => set.Sample(i))))
        );
    }

    private static Table Pictures(ShardSet set, string path, BenchmarkOptions options)
    {
        var captioned = new ShardsSource([path]) { TestPaths = [path] }.Open(Split.Train);
        var order = Rng.Stream(0, "order").Permutation(set.Count);
        var files = Enumerable.Range(0, set.Count).Select(i => set.Read(i, "jpg")!).ToList();
        return Table.Measure(
            $"{set.Count} pictures of {Side} x {Side} pixels, one thread: the decoder bounds",
            1,
            options.Rounds,
            new Arm("decoded from memory", () => Cost.Of(() => Array.ForEach(order, i => ImageDecoder.Decode(files[i], "")))),
            new Arm(
                "picture and captions from shards",
                () => Cost.Of(() => Array.ForEach(order, i => (captioned.Image(i), captioned.Captions(i)).ToString()))
            )
        );
    }

    private static Table Opening(string path, int samples, BenchmarkOptions options) =>
        Table.Measure(
            $"opening shards of {samples * (1 + s_members.Length)} members",
            1,
            options.Rounds,
            new Arm("headers read and checked", () => Cost.Of(() => ShardSet.Open(path).Dispose()))
        );

    private static void Write(List<ShardSample> samples, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        ShardedWork.Run(folder, samples.Count, PerShard, null, i => samples[i]);
    }

    private static void Plain(List<byte[]> files, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        for (var i = 0; i < files.Count; i++)
            AtomicFile.Write(Path.Combine(folder, ShardEntry.Name(i)), stream => stream.Write(files[i]));
    }

    private static void Hashed(List<byte[]> files, string folder)
    {
        Plain(files, folder);
        foreach (var file in files)
            System.Security.Cryptography.SHA256.HashData(file);
    }

    // Photographs' worth of detail: scenes with noise, as JPEG of some 40 kB, and members like DataCompDR's.
    private static List<ShardSample> Samples(int count)
    {
        var pictures = Enumerable.Range(0, 32).Select(Jpeg).ToList();
        var random = new Random(1);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new ShardSample(
                    $"sample-{i:D8}",
                    [
                        new ShardMember("jpg", pictures[i % pictures.Count]),
                        .. s_members.Zip(
                            (string[])["npz", "paug.json", "syn.json", "txt", "url.txt"],
                            (length, e) => new ShardMember(e, Bytes(random, length))
                        ),
                    ]
                )),
        ];
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)random.Next('a', 'z');
        return bytes;
    }

    private static byte[] Jpeg(int number)
    {
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var rgb = Scene.At(0, number).Draw(Side);
        var random = new Random(number);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < Side * Side; i++)
        {
            var noise = random.Next(-9, 10);
            for (var c = 0; c < 3; c++)
                pixels[4 * i + c] = (byte)Math.Clamp(rgb[3 * i + c] + noise, 0, 255);
            pixels[4 * i + 3] = 255;
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 85);
        return data.ToArray();
    }
}
