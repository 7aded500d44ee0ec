using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
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
public sealed partial record GoldenInput(string Name, JsonElement Shape, string Map, double[]? First, double? Last, JsonElement? Values)
{
    /// <summary>Widths of the parts of a row that have length 1 each, for <c>unit-blocks</c>.</summary>
    public int[]? Blocks { get; init; }

    /// <summary>What is added before, such as <c>0.05*(2u-1) of NAME</c>, for <c>unit-blocks</c>.</summary>
    public string? Added { get; init; }

    /// <summary>The sizes.</summary>
    public long[] Sizes() => [.. Shape.EnumerateArray().Select(d => d.GetInt64())];

    /// <summary>The integers that the file holds in full.</summary>
    public IEnumerable<long> Integers() => Flat(Values!.Value);

    /// <summary>The tensor: float32 by the map, or the integers that are stored.</summary>
    /// <exception cref="RecipesException">The map is unknown.</exception>
    public Tensor Build() =>
        Values is not null ? tensor(Integers().ToArray(), Sizes())
        : Map == "unit-blocks" ? UnitBlocks()
        : Map == "floor(256u)" ? SeededWeights.Tensor(Name, Sizes(), (u, _) => Math.Floor(256 * u))
        : Map == "u" ? SeededWeights.Tensor(Name, Sizes(), (u, _) => u)
        : Signed().Match(Map) is { Success: true } signed ? SeededWeights.Tensor(Name, Sizes(), (u, _) => Factor(signed) * (2 * u - 1))
        : throw new RecipesException($"{Name}: the map '{Map}' is not known.");

    // 2u-1 of the name, plus a factor times 2u-1 of another; then each part of a row is divided by its length.
    private Tensor UnitBlocks()
    {
        var rows = SeededWeights.Uniforms(Name, Sizes()).Select(u => 2 * u - 1).ToArray();
        if (Added is not null)
        {
            var added = Signed().Match(Added);
            var (factor, others) = (Factor(added), SeededWeights.Uniforms(added.Groups["name"].Value, Sizes()));
            rows = [.. rows.Zip(others, (v, u) => v + factor * (2 * u - 1))];
        }
        var at = 0;
        while (at < rows.Length)
        {
            foreach (var width in Blocks ?? throw new RecipesException($"{Name}: unit-blocks without widths."))
            {
                var part = rows.AsSpan(at, width);
                var length = Math.Sqrt(part.ToArray().Sum(v => v * v));
                foreach (ref var v in part)
                    v /= length;
                at += width;
            }
        }
        return tensor(rows.Select(v => (float)v).ToArray(), Sizes());
    }

    private static double Factor(Match map) =>
        map.Groups["factor"] is { Success: true } factor ? double.Parse(factor.Value, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^(?:(?<factor>[\d.]+)\*\(2u-1\)|2u-1)(?: of (?<name>\S+))?$")]
    private static partial Regex Signed();

    private static IEnumerable<long> Flat(JsonElement values) =>
        values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().SelectMany(Flat) : [values.GetInt64()];
}
