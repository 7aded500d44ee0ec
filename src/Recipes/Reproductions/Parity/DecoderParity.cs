using Recipes.Layers;
using Recipes.Models;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>
/// Compares a decoder with a golden file: counts, names, order, sums, inputs, sub-modules, outputs, and what the family
/// adds (<see cref="Qwen2Parity"/>, <see cref="OpenLmParity"/>).
/// </summary>
internal static class DecoderParity
{
    public static ParityReport Compare(string file, GoldenFile golden)
    {
        var spec = Spec(golden);
        using var scope = NewDisposeScope();
        using var model = Seeded(spec, golden.Scales);
        var checks = new List<ParityCheck>();
        checks.AddRange(Counts(golden, spec, model));
        checks.AddRange(ModelParity.State(model, golden, 1e-6));
        using var taps = new ModuleTaps(model, golden.Checkpoints.Select(c => c.Name));
        checks.AddRange(
            golden.Model == "qwen2" ? Qwen2Parity.Compare(golden, model, taps) : OpenLmParity.Compare(file, golden, model, taps)
        );
        return new ParityReport(file, checks);
    }

    /// <summary>A model in evaluation mode whose weights follow from their names; a tied matrix has the values of its first name.</summary>
    public static Decoder Seeded(DecoderSpec spec, SeedScales scales)
    {
        var model = spec.Build();
        model.eval();
        SeededWeights.Fill(model, scales);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var tied in StateDict.Of(model).GroupBy(e => e.Value, ReferenceEqualityComparer.Instance).Where(g => g.Count() > 1))
        {
            var (name, value) = tied.First();
            value.copy_(SeededWeights.Tensor(name, value.shape, SeededWeights.Rule(name, value.shape, scales)));
        }
        return model;
    }

    /// <summary>The token ids of an input, <c>floor(u·vocabulary)</c>, and whether they are those of the file.</summary>
    public static (Tensor Ids, ParityCheck Check) Tokens(GoldenFile golden, string name, int vocabulary)
    {
        var given = golden.Inputs.First(i => i.Name == name);
        using var values = SeededWeights.Tensor(name, given.Sizes(), (u, _) => Math.Floor(u * vocabulary));
        var ids = values.to(ScalarType.Int64);
        return (ids, ParityCheck.Equal(name, "values", string.Join(' ', given.Integers()), string.Join(' ', ids.data<long>().ToArray())));
    }

    /// <summary>An input 2u-1, and whether its first and last values are those of the file.</summary>
    public static (Tensor Values, IEnumerable<ParityCheck> Checks) Signed(GoldenFile golden, string name)
    {
        var given = golden.Inputs.First(i => i.Name == name);
        var values = SeededWeights.Tensor(name, given.Sizes(), (u, _) => 2 * u - 1);
        return (values, ModelParity.Input(given, values));
    }

    /// <summary>The norm that a record <c>probe:name</c> is of, applied to the small probe.</summary>
    public static Tensor Probe(Decoder model, GoldenTensor record)
    {
        var probe = SeededWeights.Tensor("input:probe", record.Shape, (u, _) => (2 * u - 1) * 0.001);
        return model.Part<Module<Tensor, Tensor>>(record.Name["probe:".Length..]).call(probe);
    }

    /// <summary>The recorded outputs against what was computed; one that was not computed fails.</summary>
    public static IEnumerable<ParityCheck> Outputs(GoldenFile golden, Func<GoldenTensor, Tensor?> computed) =>
        golden.Outputs.SelectMany(record =>
            computed(record) is { } found
                ? TensorParity.Compare(record, found)
                : [new ParityCheck(record.Name, "output", double.PositiveInfinity, "this version does not compute it")]
        );

    /// <summary>A table over the full width of a head, as the references have it: both halves the same.</summary>
    public static Tensor Both(Tensor half) => cat([half, half], -1);

    // Such as 0.5b-2layer: the size, the layers kept; the vocabulary is that of the file's embedding table.
    private static DecoderSpec Spec(GoldenFile golden)
    {
        var whole = Zoo.Network($"{golden.Model}_{golden.Variant.Split('-')[0]}");
        var vocabulary = golden
            .StateDict.First(row =>
                row[0].GetString()!.EndsWith("embeddings.weight", StringComparison.Ordinal)
                || row[0].GetString()!.EndsWith("embed_tokens.weight", StringComparison.Ordinal)
            )[1][0]
            .GetInt32();
        return whole switch
        {
            Qwen2Spec qwen => qwen.WithLayers(ParitySubject.Layers(golden) ?? qwen.Layers).WithVocabulary(vocabulary),
            OpenLmSpec open => OpenLmParity.Spec(
                golden,
                open.WithLayers(ParitySubject.Layers(golden) ?? open.Layers).WithVocabulary(vocabulary)
            ),
            _ => throw new RecipesException($"{whole.Name} is no decoder."),
        };
    }

    private static IEnumerable<ParityCheck> Counts(GoldenFile golden, DecoderSpec spec, Decoder model)
    {
        yield return ParityCheck.Equal("model", "parameters", golden.Params, model.parameters().Sum(p => p.numel()));
        yield return ParityCheck.Equal("model", "parameters by formula", golden.Params, spec.Parameters);
        yield return ParityCheck.Equal("model", "state elements", golden.StateElements, StateDict.Of(model).Sum(e => e.Value.numel()));
        // The file's number is of one sequence of 64 tokens.
        if (golden.Macs is { ValueKind: System.Text.Json.JsonValueKind.Number } macs)
            yield return ParityCheck.Equal("model", "MACs", macs.GetInt64(), spec.Macs(64, 64));
    }
}
