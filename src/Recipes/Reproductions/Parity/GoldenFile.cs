using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recipes.Reproductions.Parity;

/// <summary>A golden model file as it stands on disk.</summary>
public sealed record GoldenFile
{
    /// <summary>The format's version; this reader knows 1.</summary>
    public int Format { get; init; }

    /// <summary>The family, for example <c>mobileone</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The variant, for example <c>s0</c>.</summary>
    public string Variant { get; init; } = "";

    /// <summary><c>unfused</c> (train-time structure) or <c>fused</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Numbers for the rules of <see cref="SeededWeights"/>.</summary>
    public IReadOnlyDictionary<string, double> Init { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Number of trainable parameters.</summary>
    public long Params { get; init; }

    /// <summary>Number of elements of all entries.</summary>
    public long StateElements { get; init; }

    /// <summary>Multiply-accumulates for one image.</summary>
    [JsonConverter(typeof(NumberOrNothing))]
    public long? Macs { get; init; }

    /// <summary>Rows [name, shape, dtype, sum, sum of absolute values] in the reference's order.</summary>
    public IReadOnlyList<JsonElement> StateDict { get; init; } = [];

    /// <summary>Inputs by name.</summary>
    public IReadOnlyList<GoldenInput> Inputs { get; init; } = [];

    /// <summary>Outputs by name.</summary>
    public IReadOnlyList<GoldenTensor> Outputs { get; init; } = [];

    /// <summary>Outputs of sub-modules at their first call.</summary>
    public IReadOnlyList<GoldenTensor> Checkpoints { get; init; } = [];

    /// <summary>The seeding numbers.</summary>
    [JsonIgnore]
    public SeedScales Scales =>
        new(
            Init.GetValueOrDefault("running_var_scale", 1),
            Init.GetValueOrDefault("layer_scale_lo"),
            Init.GetValueOrDefault("layer_scale_span"),
            Init.GetValueOrDefault("embedding_amp"),
            Init.GetValueOrDefault("rope_base", 10000)
        );

    /// <summary>Reads a file.</summary>
    /// <exception cref="RecipesException">It cannot be read, is not JSON, or is of another format.</exception>
    public static GoldenFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var golden = JsonSerializer.Deserialize(stream, GoldenJson.Default.GoldenFile);
            return golden is { Format: 1 }
                ? golden
                : throw new RecipesException(
                    $"{path}: expected \"format\": 1, found {golden?.Format.ToString() ?? "nothing"}; this is no golden file."
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RecipesException($"{path}: cannot be read as a golden file ({e.Message.TrimEnd('.')}).", e);
        }
    }
}

/// <summary>An input of a golden file: values computed from its name by a map.</summary>
public sealed record GoldenInput(
    string Name,
    [property: JsonConverter(typeof(ShapeOrNothing))] long[] Shape,
    string Map,
    double[]? First,
    double? Last,
    JsonElement Values
);

/// <summary>A recorded tensor: shape, statistics, and values in full or at flat indices.</summary>
public sealed record GoldenTensor(
    string Name,
    long[] Shape,
    double Mean,
    double Std,
    double Min,
    double Max,
    double[] Values,
    long[]? Indices,
    [property: JsonPropertyName("fp64_max_abs_diff")] double Noise
)
{
    /// <summary>The goldens' tolerance: ten times the rounding noise and 1e-5 of the tensor's scale.</summary>
    [JsonIgnore]
    public double Tolerance => 10 * Noise + 1e-5 * Math.Max(Std, Math.Abs(Mean));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GoldenFile))]
internal sealed partial class GoldenJson : JsonSerializerContext;
