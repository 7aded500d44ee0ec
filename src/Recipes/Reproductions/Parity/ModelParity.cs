using Recipes.Models;
using Recipes.Verbs;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>Compares an image classifier with a golden file: names, shapes, order, sums, costs, stage checkpoints, outputs.</summary>
internal static class ModelParity
{
    public static ParityReport Compare(string file, GoldenFile golden, ModelSpec spec)
    {
        using var scope = NewDisposeScope();
        var checks = new List<ParityCheck>();
        var model = spec.Build();
        model.eval();
        SeededWeights.Fill(model, golden.Scales);
        var fused = golden.Mode == "fused";
        if (fused)
        {
            var folded = model.Reparameterize();
            model.Dispose();
            model = folded.Model;
        }
        var given = golden.Inputs[0];
        var input = SeededWeights.Tensor(given.Name, given.Shape, (u, _) => 2 * u - 1);
        var profile = Profile.Of(model, given.Shape[1..]);
        checks.Add(ParityCheck.Equal("model", "parameters", golden.Params, profile.Parameters));
        checks.Add(ParityCheck.Equal("model", "state elements", golden.StateElements, model.state_dict().Values.Sum(v => v.numel())));
        if (golden.Macs is { } macs)
            checks.Add(ParityCheck.Equal("model", "MACs", macs, profile.Macs));
        checks.AddRange(State(model, golden, fused ? 1e-5 : 1e-6));
        checks.AddRange(Input(given, input));
        checks.AddRange(Run(model, golden, input));
        model.Dispose();
        return new ParityReport(file, checks);
    }

    // Keys and their order first; then, entry by entry, shape, type and sums.
    internal static IEnumerable<ParityCheck> State(Module model, GoldenFile golden, double tolerance)
    {
        var entries = StateDict.Of(model);
        var ours = entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
        var order = entries.Select(e => e.Key).ToList();
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
        if (at < names.Count)
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
        var flat = input.data<float>().ToArray();
        foreach (var (value, i) in (given.First ?? []).Select((v, i) => (v, i)))
            yield return Close(given.Name, $"value {i}", value, flat[i], 1e-8 + 1e-7 * Math.Abs(value));
        if (given.Last is { } last)
            yield return Close(given.Name, "last value", last, flat[^1], 1e-8 + 1e-7 * Math.Abs(last));
    }

    // Hooks keep the first output of each named sub-module; the order of checks is that of computation.
    private static IEnumerable<ParityCheck> Run(Module<Tensor, Tensor> model, GoldenFile golden, Tensor input)
    {
        using var _ = no_grad();
        var seen = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var removals = new List<Action>();
        foreach (var checkpoint in golden.Checkpoints)
        {
            if (model.named_modules().FirstOrDefault(m => m.name == checkpoint.Name).module is Module<Tensor, Tensor> part)
            {
                var hook = part.register_forward_hook(
                    (_, _, output) =>
                    {
                        seen.TryAdd(checkpoint.Name, output.clone().DetachFromDisposeScope());
                        return output;
                    }
                );
                removals.Add(hook.remove);
            }
        }
        var logits = model.call(input);
        removals.ForEach(remove => remove());
        foreach (var checkpoint in golden.Checkpoints)
        {
            if (!seen.TryGetValue(checkpoint.Name, out var found))
            {
                yield return new ParityCheck(
                    checkpoint.Name,
                    "checkpoint",
                    double.PositiveInfinity,
                    "no sub-module of this name was called"
                );
                continue;
            }
            foreach (var check in TensorParity.Compare(checkpoint, found))
                yield return check;
            found.Dispose();
        }
        foreach (var check in TensorParity.Compare(golden.Outputs[0], logits))
            yield return check;
    }

    private static ParityCheck Close(string name, string aspect, double expected, double found, double tolerance) =>
        TensorParity.Close(name, aspect, expected, found, tolerance);
}
