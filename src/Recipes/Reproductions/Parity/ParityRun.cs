using System.Text.Json;
using Recipes.Models;

namespace Recipes.Reproductions.Parity;

/// <summary>Compares this library with reference outputs of the official implementations (<c>recipes parity</c>).</summary>
public static class ParityRun
{
    private static readonly Dictionary<string, Func<string, GoldenFile, ParityReport>> Families = new(StringComparer.Ordinal)
    {
        ["mobileone"] = (file, golden) => ModelParity.Compare(file, golden, Zoo.Spec($"mobileone_{golden.Variant}")),
        ["mobileclip"] = FastVitParity.MobileClip,
        ["mobileclip2"] = FastVitParity.MobileClip2,
        ["fastvithd"] = FastVitParity.FastVitHd,
        ["clip"] = ClipParity.Clip,
        ["sam"] = SamParity.Compare,
        ["siglip"] = ClipParity.Siglip,
        ["fastvit"] = (file, golden) => ModelParity.Compare(file, golden, Zoo.Spec($"fastvit_{golden.Variant}")),
        ["fct"] = FctParity.Compare,
        ["qwen2"] = DecoderParity.Compare,
        ["openlm"] = DecoderParity.Compare,
        ["dataset-reinforcement"] = (file, _) => AugmentParity.Compare(file),
        ["losses"] = LossParity.Compare,
        ["metrics"] = MetricParity.Compare,
    };

    /// <summary>The golden files among files and folders, in name order.</summary>
    /// <exception cref="RecipesException">A path does not exist, or a folder holds no golden file.</exception>
    public static IReadOnlyList<string> Files(IEnumerable<string> paths)
    {
        var found = new List<string>();
        var problems = new List<string>();
        foreach (var path in paths)
        {
            var files =
                Directory.Exists(path) && ReinforcedParity.GoldenOf(path) is { } golden ? [golden]
                : Directory.Exists(path) ? Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal).ToArray()
                : File.Exists(path) ? [path]
                : null;
            if (files is null)
                problems.Add($"{path}: no such file or folder");
            else if (files.Length == 0)
                problems.Add($"{path}: holds no .json file");
            else
                found.AddRange(files);
        }
        RecipesException.ThrowIfAny("parity needs golden files:", problems);
        return found;
    }

    /// <summary>Compares one file.</summary>
    public static ParityReport Compare(string file)
    {
        var model = Kind(file);
        if (!Families.TryGetValue(model, out var compare))
            return new ParityReport(file, [])
            {
                NotAttempted = $"'{model}' is not in this version; known: {string.Join(", ", Families.Keys)}",
            };
        try
        {
            return compare(file, GoldenFile.Read(file));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new RecipesException(
                $"{file}: a field of a golden of {model} is missing or of another kind ({e.Message.TrimEnd('.')}).",
                e
            );
        }
    }

    // The file's "model", or its name up to the first underscore for goldens that are not models.
    private static string Kind(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = json.RootElement;
            return
                root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("model", out var model)
                && model.ValueKind == JsonValueKind.String
                ? model.GetString()!
                : Path.GetFileNameWithoutExtension(file).Split('_')[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RecipesException($"{file}: cannot be read as a golden file ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
