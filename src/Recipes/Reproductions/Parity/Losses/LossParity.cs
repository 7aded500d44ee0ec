using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Losses and their gradients, and the steps of data parameters, against a golden of losses.</summary>
internal static class LossParity
{
    public static ParityReport Compare(string file, GoldenFile golden)
    {
        using var scope = NewDisposeScope();
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var inputs = golden.Inputs.ToDictionary(i => i.Name.Split(':')[^1], StringComparer.Ordinal);
        return new ParityReport(
            file,
            [
                .. golden.Inputs.SelectMany(i => ModelParity.Input(i, i.Build())),
                .. json.RootElement.GetProperty("cases").EnumerateArray().SelectMany(c => Case(new LossCase(c, inputs))),
                .. json
                    .RootElement.GetProperty("data_parameters")
                    .EnumerateObject()
                    .SelectMany(c => DataParametersParity.Compare(c, inputs)),
            ]
        );
    }

    private static List<ParityCheck> Case(LossCase given)
    {
        using var scope = NewDisposeScope();
        if (LossCases.Of(given) is not { } outputs)
            return [new ParityCheck(given.Name, "case", double.PositiveInfinity, "this version does not know it")];
        var found = outputs.ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal);
        found["total"].sum().backward();
        return
        [
            .. given.Outputs.SelectMany(o => Tensor(given.Name, o.Name, o, found.GetValueOrDefault(o.Name))),
            .. given.Gradients.SelectMany(g => Gradient($"{given.Name} by {g.Name}", g.Gradient, given[g.Name].grad)),
        ];
    }

    /// <summary>A record against a tensor, scalars as <c>[1]</c>; null where it was not computed.</summary>
    public static IEnumerable<ParityCheck> Tensor(string of, string name, GoldenTensor record, Tensor? found) =>
        found is null
            ? [new ParityCheck($"{of}: {name}", "output", double.PositiveInfinity, "it was not computed")]
            : TensorParity.Compare(record with { Name = $"{of}: {name}" }, found.dim() == 0 ? found.reshape(1) : found);

    private static IEnumerable<ParityCheck> Gradient(string name, GoldenTensor? record, Tensor? found)
    {
        if (record is null)
            return [ParityCheck.Equal(name, "gradient", "none", found is null ? "none" : "one")];
        return found is null
            ? [new ParityCheck(name, "gradient", double.PositiveInfinity, "none reaches it")]
            : TensorParity.Compare(record with { Name = name }, found);
    }
}
