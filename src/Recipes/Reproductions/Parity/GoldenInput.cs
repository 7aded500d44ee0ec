using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>An input of a golden file: values computed from its name by a map, or stored.</summary>
/// <param name="Name">The name, which seeds the values.</param>
/// <param name="Shape">Sizes; a sentence for probes, whose shape is that of their output.</param>
/// <param name="Map">How u becomes a value.</param>
/// <param name="First">The first five values.</param>
/// <param name="Last">The last value.</param>
/// <param name="Values">All values, where they are stored.</param>
public sealed record GoldenInput(string Name, JsonElement Shape, string Map, double[]? First, double? Last, JsonElement? Values)
{
    /// <summary>The sizes.</summary>
    public long[] Sizes() => [.. Shape.EnumerateArray().Select(d => d.GetInt64())];

    /// <summary>The integers that the file holds in full.</summary>
    public IEnumerable<long> Integers() => Flat(Values!.Value);

    /// <summary>The tensor: float32 of 2u-1 or of whole numbers, or the stored integers.</summary>
    /// <exception cref="RecipesException">The map is unknown.</exception>
    public Tensor Build() =>
        Map switch
        {
            "2u-1" => SeededWeights.Tensor(Name, Sizes(), (u, _) => 2 * u - 1),
            "floor(256u)" => SeededWeights.Tensor(Name, Sizes(), (u, _) => Math.Floor(256 * u)),
            "clip-tokens" => tensor(Integers().ToArray(), Sizes()),
            _ => throw new RecipesException($"{Name}: the map '{Map}' is not known."),
        };

    private static IEnumerable<long> Flat(JsonElement values) =>
        values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().SelectMany(Flat) : [values.GetInt64()];
}
