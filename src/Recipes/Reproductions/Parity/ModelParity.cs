using System.Text.Json;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>Compares a network with a golden file: names, shapes, order, sums, costs, stage checkpoints, outputs.</summary>
internal static class ModelParity
{
    public static ParityReport Compare(string file, GoldenFile golden, ModelSpec spec)
    {
        using var scope = NewDisposeScope();
        return Compare(file, golden, ParitySubject.Image(spec.Build(), golden));
    }

    public static ParityReport Compare(string file, GoldenFile golden, ParitySubject subject)
    {
        using var scope = NewDisposeScope();
        var checks = new List<ParityCheck>();
        var model = subject.Module;
        model.eval();
        var fused = golden.Mode == "fused";
        if (subject.FoldFirst)
            Modules.Fold(model);
        SeededWeights.Fill(model, golden.Scales, rename: subject.Rename);
        foreach (var (prefix, other) in subject.Others)
            SeededWeights.Fill(other, golden.Scales, prefix);
        if (fused)
            Modules.Fold(model);
        var entries = StateDict.Of(model);
        checks.Add(ParityCheck.Equal("model", "parameters", golden.Params, model.parameters().Sum(p => p.numel())));
        checks.Add(ParityCheck.Equal("model", "state elements", golden.StateElements, entries.Sum(e => e.Value.numel())));
        foreach (var (name, count) in subject.Macs)
            checks.Add(ParityCheck.Equal("model", $"MACs {name}".TrimEnd(), Macs(golden, name), count(model)));
        checks.AddRange(State(entries, golden, subject, fused && !subject.FoldFirst ? 1e-5 : 1e-6));
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var given in golden.Inputs.Where(i => i.Shape.ValueKind == JsonValueKind.Array))
        {
            inputs[given.Name] = given.Build();
            checks.AddRange(Input(given, inputs[given.Name]));
        }
        checks.AddRange(Run(golden, subject, inputs));
        model.Dispose();
        return new ParityReport(file, checks);
    }

    private static long? Macs(GoldenFile golden, string name) =>
        golden.Macs is not { } macs ? null
        : name.Length == 0 ? macs.GetInt64()
        : macs.GetProperty(name).GetInt64();

    /// <summary>The entries of a module whose names are the file's own.</summary>
    internal static IEnumerable<ParityCheck> State(Module model, GoldenFile golden, double tolerance) =>
        State(StateDict.Of(model), golden, new ParitySubject(model, _ => []), tolerance);

    // Keys and their order first; then, entry by entry, shape, type and sums.
    private static IEnumerable<ParityCheck> State(
        IReadOnlyList<KeyValuePair<string, Tensor>> entries,
        GoldenFile golden,
        ParitySubject subject,
        double tolerance
    )
    {
        var order = entries.Select(e => subject.Rename(e.Key)).ToList();
        var ours = order.Zip(entries, (name, e) => (name, e.Value)).ToDictionary(e => e.name, e => e.Value, StringComparer.Ordinal);
        var names = golden.StateDict.Select(row => row[0].GetString()!).ToList();
        var missing = names.Except(ours.Keys).ToList();
        var unknown = ours.Keys.Except(names).ToList();
        yield return ParityCheck.Equal(
            "state_dict",
            "missing keys",
            "none",
            missing.Count == 0 ? "none" : string.Join(", ", missing.Take(5))
        );
        yield return ParityCheck.Equal(
            "state_dict",
            "unknown keys",
            "none",
            unknown.Count == 0 ? "none" : string.Join(", ", unknown.Take(5))
        );
        var at = names.Zip(order).TakeWhile(p => p.First == p.Second).Count();
        if (subject.SameOrder && at < names.Count)
            yield return ParityCheck.Equal($"state_dict[{at}]", "order", names[at], order.ElementAtOrDefault(at) ?? "(end)");
        foreach (var row in golden.StateDict.Where(r => ours.ContainsKey(r[0].GetString()!)))
        {
            var (name, value) = (row[0].GetString()!, ours[row[0].GetString()!]);
            var shape = string.Join(", ", row[1].EnumerateArray().Select(d => d.GetInt64()));
            yield return ParityCheck.Equal(name, "shape", shape, string.Join(", ", value.shape));
            yield return ParityCheck.Equal(name, "dtype", row[2].GetString(), value.dtype.ToString().ToLowerInvariant());
            using var wide = value.detach().to(ScalarType.Float64);
            var (sum, absolute) = (row[3].GetDouble(), row[4].GetDouble());
            yield return Close(name, "sum", sum, wide.sum().item<double>(), tolerance * absolute);
            yield return Close(name, "sum of absolute values", absolute, wide.abs().sum().item<double>(), tolerance * absolute);
        }
    }

    internal static IEnumerable<ParityCheck> Input(GoldenInput given, Tensor input)
    {
        var flat = input.to(ScalarType.Float32).data<float>().ToArray();
        foreach (var (value, i) in (given.First ?? []).Select((v, i) => (v, i)))
            yield return Close(given.Name, $"value {i}", value, flat[i], 1e-8 + 1e-7 * Math.Abs(value));
        if (given.Last is { } last)
            yield return Close(given.Name, "last value", last, flat[^1], 1e-8 + 1e-7 * Math.Abs(last));
    }

    // Hooks keep the first output of each named sub-module; the order of checks is that of computation.
    private static IEnumerable<ParityCheck> Run(GoldenFile golden, ParitySubject subject, Dictionary<string, Tensor> inputs)
    {
        using var _ = no_grad();
        var parts = subject.Module.named_modules().ToDictionary(m => subject.Rename(m.name), m => m.module, StringComparer.Ordinal);
        using var taps = new ModuleTaps(subject.Module, golden.Checkpoints.Select(c => subject.Checkpoint(c.Name)), subject.Rename);
        var outputs = subject.Run(inputs).ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal);
        foreach (var checkpoint in golden.Checkpoints)
        {
            var found = taps.Of(subject.Checkpoint(checkpoint.Name));
            foreach (var check in ModuleTaps.Compare(checkpoint, found is null ? null : subject.Layout(checkpoint.Name, found)))
                yield return check;
        }
        foreach (var expected in golden.Outputs)
        {
            if (expected.Name.StartsWith("probe:", StringComparison.Ordinal))
                outputs[expected.Name] = Probe(expected, parts);
            if (!outputs.TryGetValue(expected.Name, out var found))
                yield return Missing(expected.Name, "output", "it was not computed");
            else
            {
                foreach (var check in TensorParity.Compare(expected, found))
                    yield return check;
            }
        }
    }

    // One norm layer on small numbers, which shows a wrong epsilon.
    private static Tensor Probe(GoldenTensor output, Dictionary<string, Module> parts)
    {
        var input = SeededWeights.Tensor("input:probe", output.Shape, (u, _) => (2 * u - 1) * 0.001);
        return ((Module<Tensor, Tensor>)parts[output.Name["probe:".Length..]]).call(input);
    }

    private static ParityCheck Missing(string name, string aspect, string why) => new(name, aspect, double.PositiveInfinity, why);

    private static ParityCheck Close(string name, string aspect, double expected, double found, double tolerance) =>
        TensorParity.Close(name, aspect, expected, found, tolerance);
}
