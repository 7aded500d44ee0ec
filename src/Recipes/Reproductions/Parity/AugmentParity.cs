using System.Text.Json;
using Recipes.Data;

namespace Recipes.Reproductions.Parity;

/// <summary>Replays of stored augmentations, byte for byte, and the reinforced samples that lie beside the file.</summary>
internal static class AugmentParity
{
    private const ulong Start = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    public static ParityReport Compare(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = json.RootElement;
        var checks = new List<ParityCheck>();
        var images = root.GetProperty("images").EnumerateArray().ToDictionary(i => i.GetProperty("id").GetString()!, i => Image(i, checks));
        var size = root.GetProperty("output_size").GetInt32();
        checks.AddRange(
            root.GetProperty("magnitude_bin9")
                .EnumerateArray()
                .Select(
                    (m, op) =>
                        ParityCheck.Equal(
                            $"magnitude of {m[0]}",
                            "bin 9",
                            m[1].GetDouble(),
                            StoredAugmentationPolicy.MagnitudeOf((ImageOp)op, 9, size)
                        )
                )
        );
        var number = 0;
        foreach (var entry in root.GetProperty("cases").EnumerateArray())
            checks.AddRange(Case($"case {number++}", entry, images[entry.GetProperty("image").GetString()!], size));
        var folder = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(file))!,
            root.GetProperty("reinforced").GetProperty("folder").GetString()!
        );
        if (!Directory.Exists(folder))
            return new ParityReport(file, checks) { Left = $"{folder} is not there, so no reinforced sample was read" };
        checks.AddRange(ReinforcedParity.Compare(folder, root.GetProperty("reinforced"), size));
        return new ParityReport(file, checks);
    }

    /// <summary>FNV-1a, 64 bits, over bytes.</summary>
    public static string Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = Start;
        foreach (var value in bytes)
            hash = (hash ^ value) * Prime;
        return hash.ToString("x16");
    }

    /// <summary>A picture against its record: checksum, mean and sample.</summary>
    public static IEnumerable<ParityCheck> Picture(string name, JsonElement expected, RgbImage image)
    {
        yield return ParityCheck.Equal(name, "checksum", expected.GetProperty("checksum").GetString(), Checksum(image.Rgb));
        var mean = image.Rgb.Average(v => (double)v);
        if (expected.TryGetProperty("mean", out var recorded))
            yield return TensorParity.Close(name, "mean", recorded.GetDouble(), mean, 1e-6 * Math.Max(mean, 1));
        if (!expected.TryGetProperty("sample", out var sample))
            yield break;
        var step = image.Rgb.Length / sample.GetArrayLength();
        var found = Enumerable.Range(0, sample.GetArrayLength()).Select(i => image.Rgb[i * step + i % 3]);
        yield return ParityCheck.Equal(name, "sample", string.Join(' ', sample.EnumerateArray()), string.Join(' ', found));
    }

    private static IEnumerable<ParityCheck> Case(string name, JsonElement entry, RgbImage image, int size)
    {
        var stored = StoredAugmentation.Parse(entry.GetProperty("stored"), name);
        name = $"{name} {stored}";
        yield return ParityCheck.Equal(name, "JSON", Spaced(entry.GetProperty("stored")), stored.ToJson());
        foreach (
            var check in Picture(name + ", crop", entry.GetProperty("after_crop"), (stored with { Operations = null }).Replay(image, size))
        )
            yield return check;
        foreach (var check in Picture(name, entry.GetProperty("output"), stored.Replay(image, size)))
            yield return check;
    }

    // As Python writes it, whatever white space the file has.
    private static string Spaced(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? $"[{string.Join(", ", json.EnumerateArray().Select(Spaced))}]" : json.GetRawText();

    // The picture of a rule: bytes from the generator, pixel by pixel or for blocks of 8 x 8.
    private static RgbImage Image(JsonElement image, List<ParityCheck> checks)
    {
        var seed = Rng.Fnv1a(image.GetProperty("name").GetString()!);
        var (width, height) = (image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32());
        var map = image.GetProperty("map").GetString()!;
        var columns = (width + 7) / 8;
        var rgb = new byte[3 * width * height];
        for (var i = 0; i < rgb.Length; i++)
        {
            var (x, y, c) = (i / 3 % width, i / 3 / width, i % 3);
            var at = map.Contains("y/8", StringComparison.Ordinal) ? (y / 8 * columns + x / 8) * 3 + c : i;
            var u = (Rng.Mix(seed + (ulong)at) >> 11) * (1.0 / (1UL << 53));
            rgb[i] = (byte)(map.StartsWith("48", StringComparison.Ordinal) ? 48 + Math.Floor(128 * u) : 256 * u);
        }
        checks.Add(
            ParityCheck.Equal(image.GetProperty("id").GetString()!, "checksum", image.GetProperty("checksum").GetString(), Checksum(rgb))
        );
        return new RgbImage(rgb, width, height);
    }
}
