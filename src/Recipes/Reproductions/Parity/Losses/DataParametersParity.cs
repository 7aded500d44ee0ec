using System.Text.Json;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>Steps of data parameters: losses, gradients, and temperatures after the step.</summary>
internal static class DataParametersParity
{
    public static List<ParityCheck> Compare(JsonProperty setting, IReadOnlyDictionary<string, GoldenInput> inputs)
    {
        using var scope = NewDisposeScope();
        var (all, labels, indices) = (inputs["dp_logits"].Build(), inputs["dp_labels"].Build(), inputs["dp_index"].Build());
        using var learned = new DataParameters((int)all.shape[2], (int)labels.shape[0], Options(setting.Value.GetProperty("params")));
        var checks = new List<ParityCheck>();
        foreach (var (records, step) in setting.Value.GetProperty("steps").EnumerateArray().Select((s, i) => (s, i)))
        {
            var (logits, index) = (all[step].detach().requires_grad_(), indices[step]);
            var loss = learned.Loss(logits, labels[index], index);
            loss.backward();
            var found = new Dictionary<string, Tensor?>(StringComparer.Ordinal)
            {
                ["loss"] = loss,
                ["logits_gradient"] = logits.grad,
                ["class_gradient"] = learned.Classes?.Logarithms.grad?.clone(),
                ["instance_gradient"] = learned.Instances?.Logarithms.grad?.clone(),
            };
            learned.Step();
            found["class"] = learned.Classes?.Logarithms ?? zeros(all.shape[2]);
            found["instance"] = learned.Instances?.Logarithms ?? zeros(labels.shape[0]);
            found["class_momentum"] = learned.Classes?.Momentum;
            found["instance_momentum"] = learned.Instances?.Momentum;
            foreach (var record in records.EnumerateArray().Select(r => r.Deserialize(GoldenJson.Default.GoldenTensor)!))
            {
                var of = $"data parameters, {setting.Name}, step {step + 1}";
                checks.AddRange(LossParity.Tensor(of, record.Name, record, found.GetValueOrDefault(record.Name)));
            }
        }
        return checks;
    }

    // A kind without a rate is not learned. Limits are logarithms there.
    private static DataParametersOptions Options(JsonElement settings)
    {
        var clamp = settings.GetProperty("clamp");
        return new DataParametersOptions
        {
            Classes = Kind("c"),
            Instances = Kind("i"),
            Momentum = settings.GetProperty("momentum").GetDouble(),
            Limits = (Math.Exp(clamp.GetProperty("min").GetDouble()), Math.Exp(clamp.GetProperty("max").GetDouble())),
        };

        TemperatureOptions? Kind(string kind) =>
            settings.TryGetProperty($"lr_{kind}", out var rate)
                ? new TemperatureOptions(rate.GetDouble(), Value($"init_{kind}", 1), Value($"wd_{kind}", 0))
                : null;

        double Value(string name, double otherwise) => settings.TryGetProperty(name, out var value) ? value.GetDouble() : otherwise;
    }
}
