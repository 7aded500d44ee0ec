using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Recipes.Data;

namespace Recipes.Reproductions.Parity;

/// <summary>Reinforced samples as ml-mobileclip-dr writes them: single files and a shard, every field, what the official loader yields, all replays.</summary>
internal static class ReinforcedParity
{
    private const string Single = "reinforced_sample";
    private static readonly int[] s_teachers = [8, 8];

    /// <summary>The golden file that describes a folder of samples; null where the folder is none.</summary>
    public static string? GoldenOf(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.GetFiles(full, "*.paug.json").Length == 0)
            return null;
        var name = Path.GetFileName(full);
        return Directory
            .GetFiles(Path.GetDirectoryName(full)!, "augment_*.json")
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(f => Describes(f, name));
    }

    public static IEnumerable<ParityCheck> Compare(string folder, JsonElement golden, int size)
    {
        var checks = new List<ParityCheck>();
        var shard = Path.Combine(folder, golden.GetProperty("shard").GetString()!);
        var members = Members(shard);
        var listed = golden.GetProperty("members").EnumerateArray().Select(m => $"{m[0]} {m[1]}");
        checks.Add(
            ParityCheck.Equal(
                "shard",
                "members",
                string.Join('\n', listed),
                string.Join('\n', members.Select(m => $"{m.Name} {m.Content.Length}"))
            )
        );
        var groups = members
            .GroupBy(m => m.Name.Split('.', 2)[0])
            .ToDictionary(g => g.Key, g => g.ToDictionary(m => m.Name.Split('.', 2)[1], m => m.Content));
        var samples = golden.GetProperty("samples").EnumerateArray().ToList();
        foreach (var expected in samples)
        {
            var key = expected.GetProperty("key").GetString()!;
            var sample = ReinforcedSample.Read(key, groups[key], s_teachers);
            checks.AddRange(Fields(key, expected, sample));
            checks.AddRange(Replays(key, expected, sample, size));
            checks.AddRange(Written(key, sample, groups[key], expected));
        }
        foreach (var row in golden.GetProperty("loader").EnumerateArray())
        {
            var key = row.GetProperty("key").GetString()!;
            checks.AddRange(Loader(row, ReinforcedSample.Read(key, groups[key], s_teachers), size));
        }
        checks.AddRange(Files(folder, golden, samples[0]));
        return checks;
    }

    // The single files: the shard's first sample, its embeddings in both formats.
    private static List<ParityCheck> Files(string folder, JsonElement golden, JsonElement expected)
    {
        var checks = new List<ParityCheck>();
        var files = golden
            .GetProperty("files")
            .EnumerateObject()
            .ToDictionary(f => f.Name, f => Content(Path.Combine(folder, $"{Single}.{f.Name}")));
        foreach (var file in golden.GetProperty("files").EnumerateObject())
            checks.Add(ParityCheck.Equal($"{Single}.{file.Name}", "bytes", file.Value.GetInt32(), files[file.Name].Length));
        checks.AddRange(Fields(Single, expected, ReinforcedSample.Read(Single, files, s_teachers)));
        files.Remove("npz");
        var half = ReinforcedSample.Read(Single, files, s_teachers);
        checks.Add(ParityCheck.Equal(Single, "pth.gz in bfloat16", true, half.ImageEmbeddings!.IsBfloat16));
        checks.AddRange(Table($"{Single} bfloat16 image_emb", expected.GetProperty("image_emb"), half.ImageEmbeddings, 1.0 / 256));
        checks.AddRange(Table($"{Single} bfloat16 text_emb", expected.GetProperty("text_emb"), half.TextEmbeddings!, 1.0 / 256));
        return checks;
    }

    private static List<ParityCheck> Fields(string key, JsonElement expected, ReinforcedSample sample)
    {
        var checks = new List<ParityCheck>();
        void Equal<T>(string field, T wanted, T found) => checks.Add(ParityCheck.Equal(key, field, wanted, found));
        Equal("url", expected.GetProperty("url").GetString(), sample.Url);
        Equal("text", expected.GetProperty("text").GetString(), sample.Captions.Single());
        Equal("syn_text", Lines(expected.GetProperty("syn_text")), string.Join('\n', sample.Synthetic.Single().Captions));
        Equal("syn_text's key", "syn_text", sample.Synthetic.Single().Key);
        using var rest = JsonDocument.Parse(sample.Json!);
        Equal("json", true, JsonElement.DeepEquals(expected.GetProperty("json"), rest.RootElement));
        var stored = expected.GetProperty("param_aug").EnumerateArray().Select((a, i) => StoredAugmentation.Parse(a, $"{key} {i}"));
        Equal("param_aug", string.Join('\n', stored), string.Join('\n', sample.Augmentations));
        checks.AddRange(Table($"{key} image_emb", expected.GetProperty("image_emb"), sample.ImageEmbeddings!));
        // The older layout's text_emb holds the synthetic captions' rows too.
        var older = !expected.TryGetProperty("syn_text_emb", out var synthetic);
        var rows = sample.Synthetic[0].Embeddings!;
        checks.AddRange(
            Table($"{key} text_emb", expected.GetProperty("text_emb"), older ? sample.TextEmbeddings!.Append(rows) : sample.TextEmbeddings!)
        );
        if (!older)
            checks.AddRange(Table($"{key} syn_text_emb", synthetic, rows));
        return checks;
    }

    private static List<ParityCheck> Replays(string key, JsonElement expected, ReinforcedSample sample, int size)
    {
        var checks = new List<ParityCheck>();
        var (rgb, width, height) = ImageDecoder.Decode(sample.Image, key);
        var image = new RgbImage(rgb, width, height);
        var decoded = expected.GetProperty("decoded_jpg");
        checks.Add(
            ParityCheck.Equal(
                $"{key}, decoded",
                "size",
                $"{decoded.GetProperty("width")} x {decoded.GetProperty("height")}",
                $"{width} x {height}"
            )
        );
        checks.Add(
            ParityCheck.Equal($"{key}, decoded", "checksum", decoded.GetProperty("checksum").GetString(), AugmentParity.Checksum(rgb))
        );
        var replayed = expected.GetProperty("replayed").EnumerateArray().ToList();
        checks.Add(ParityCheck.Equal(key, "replays", replayed.Count, sample.Augmentations.Count));
        foreach (var (stored, picture) in sample.Augmentations.Zip(replayed))
            checks.AddRange(AugmentParity.Picture($"{key} {stored}", picture, stored.Replay(image, size, key)));
        return checks;
    }

    // What we write: the texts byte for byte, all of it read back equal, in both formats of embeddings and both layouts.
    private static List<ParityCheck> Written(string key, ReinforcedSample sample, Dictionary<string, byte[]> official, JsonElement expected)
    {
        var checks = new List<ParityCheck>();
        var older = expected.GetProperty("param_aug_is_string").GetBoolean();
        var precision = sample.ImageEmbeddings!.IsBfloat16 ? EmbeddingPrecision.Bfloat16 : EmbeddingPrecision.Float32;
        var written = sample.Write(new ReinforcedLayout { Precision = precision, Older = older });
        checks.Add(ParityCheck.Equal(key, "endings", string.Join(' ', official.Keys), string.Join(' ', written.Select(w => w.Ending))));
        foreach (var (ending, content) in written.Where(w => w.Ending is not ("npz" or "pth.gz")))
            checks.Add(
                ParityCheck.Equal(
                    $"{key}.{ending}",
                    "bytes written",
                    Encoding.UTF8.GetString(official[ending]),
                    Encoding.UTF8.GetString(content)
                )
            );
        foreach (var layout in (bool[])[false, true])
        {
            var again = sample
                .Write(new ReinforcedLayout { Precision = precision, Older = layout })
                .ToDictionary(w => w.Ending, w => w.Content);
            checks.Add(
                ParityCheck.Equal(
                    key,
                    $"read back, {(layout ? "older" : "new")} layout",
                    sample,
                    ReinforcedSample.Read(key, again, s_teachers)
                )
            );
        }
        return checks;
    }

    private static List<ParityCheck> Loader(JsonElement row, ReinforcedSample sample, int size)
    {
        var epoch = row.GetProperty("epoch").GetInt32();
        var name = $"loader {sample.Key}, epoch {epoch}";
        var view = sample.View(epoch, epoch);
        var canvas = new ImageCanvas();
        view.Augmentation.Replay(sample.Image, size, canvas, sample.Key);
        return
        [
            ParityCheck.Equal(name, "text", row.GetProperty("text").GetString(), view.Caption),
            ParityCheck.Equal(name, "syn_text", row.GetProperty("syn_text").GetString(), view.Synthetic),
            ParityCheck.Equal(name, "image", row.GetProperty("image_checksum").GetString(), AugmentParity.Checksum(canvas.Pixels)),
            Row(name + " image_emb", row.GetProperty("image_emb"), view.Image, 0),
            Row(name + " text_emb", row.GetProperty("text_emb"), view.Text, 0),
            Row(name + " syn_text_emb", row.GetProperty("syn_text_emb"), view.SyntheticText!, 0),
        ];
    }

    private static IEnumerable<ParityCheck> Table(string name, JsonElement expected, EmbeddingTable found, double tolerance = 0)
    {
        yield return ParityCheck.Equal(name, "rows", expected.GetArrayLength(), found.Rows);
        foreach (var (row, i) in expected.EnumerateArray().Take(found.Rows).Select((r, i) => (r, i)))
            yield return Row($"{name} [{i}]", row, found.Row(i), tolerance);
    }

    // Nine digits are exact for float32; bfloat16 is off by at most 1/256 of a value.
    private static ParityCheck Row(string name, JsonElement expected, float[] found, double tolerance)
    {
        var values = expected.EnumerateArray().Select(v => (float)v.GetDouble()).ToArray();
        var close =
            values.Length == found.Length && values.Zip(found).All(p => Math.Abs(p.First - p.Second) <= tolerance * Math.Abs(p.First));
        return close
            ? new ParityCheck(name, "values", 0)
            : ParityCheck.Equal(name, "values", string.Join(' ', values), string.Join(' ', found));
    }

    private static string Lines(JsonElement texts) => string.Join('\n', texts.EnumerateArray().Select(t => t.GetString()));

    private static List<(string Name, byte[] Content)> Members(string shard)
    {
        var members = new List<(string, byte[])>();
        try
        {
            using var reader = new TarReader(File.OpenRead(shard));
            while (reader.GetNextEntry() is { } entry)
            {
                using var content = new MemoryStream();
                entry.DataStream?.CopyTo(content);
                members.Add((entry.Name, content.ToArray()));
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{shard}: cannot be read as a shard ({e.Message.TrimEnd('.')}).", e);
        }
        return members;
    }

    private static byte[] Content(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipesException($"{path}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static bool Describes(string golden, string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(golden));
            return json.RootElement.GetProperty("reinforced").GetProperty("folder").GetString() == folder;
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }
}
