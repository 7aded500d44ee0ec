using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions.Parity;

/// <summary>A case of a golden of losses: its settings, and its inputs as leaves whose gradients can be read.</summary>
internal sealed class LossCase(JsonElement json, IReadOnlyDictionary<string, GoldenInput> inputs)
{
    private readonly Dictionary<string, Tensor> _leaves = new(StringComparer.Ordinal);

    public string Name => json.GetProperty("name").GetString()!;

    /// <summary>What the case puts out, by name.</summary>
    public IEnumerable<GoldenTensor> Outputs =>
        json.GetProperty("outputs").EnumerateArray().Select(o => o.Deserialize(GoldenJson.Default.GoldenTensor)!);

    /// <summary>The gradients by input; null where none reaches it.</summary>
    public IEnumerable<(string Name, GoldenTensor? Gradient)> Gradients =>
        json.GetProperty("gradients_of_total")
            .EnumerateArray()
            .Select(g =>
                (
                    g.GetProperty("name").GetString()!,
                    g.TryGetProperty("none", out _) ? null : g.Deserialize(GoldenJson.Default.GoldenTensor)
                )
            );

    /// <summary>The input of an argument, or of a name where the case has no arguments; numbers are <c>[1]</c>. The same leaf at each call.</summary>
    public Tensor this[string argument]
    {
        get
        {
            var given = Argument(argument);
            var name = given is { ValueKind: JsonValueKind.String } ? given.Value.GetString()! : argument;
            if (_leaves.TryGetValue(name, out var leaf))
                return leaf;
            leaf = given is { ValueKind: JsonValueKind.Number } number ? tensor([(float)number.GetDouble()]) : Input(name);
            if (leaf.is_floating_point())
                leaf.requires_grad_();
            return _leaves[name] = leaf;
        }
    }

    /// <summary>Whether the case has this argument.</summary>
    public bool Has(string argument) => Argument(argument) is not null;

    /// <summary>A setting, or the default where the case does not say.</summary>
    public double Number(string name, double otherwise = double.NaN) => Parameter(name) is { } p ? p.GetDouble() : otherwise;

    /// <summary>A setting that is one number or several.</summary>
    public double[] Numbers(string name) =>
        Parameter(name) switch
        {
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(n => n.GetDouble())],
            { } one => [one.GetDouble()],
            null => throw new KeyNotFoundException($"{Name}: {name}"),
        };

    /// <summary>A switch; off where the case does not say.</summary>
    public bool Flag(string name) => Parameter(name)?.GetBoolean() ?? false;

    /// <summary>A setting that is an object.</summary>
    public double Weight(string of, string name) => Parameter(of)!.Value.TryGetProperty(name, out var w) ? w.GetDouble() : 0;

    /// <summary>An input by the last part of its name.</summary>
    public Tensor Input(string name) => inputs[name].Build();

    private JsonElement? Argument(string name) =>
        json.TryGetProperty("args", out var args) && args.TryGetProperty(name, out var found) ? found : null;

    private JsonElement? Parameter(string name) =>
        json.TryGetProperty("params", out var all) && all.TryGetProperty(name, out var found) ? found : null;
}
