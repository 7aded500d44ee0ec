using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// All trainable parameters and floating-point buffers of a module in flat groups. From here on the module must keep its
/// tensors: <c>to()</c>, which replaces them, belongs before.
/// </summary>
internal sealed class FlatState : IDisposable
{
    private readonly nn.Module _module;
    private readonly List<(string Name, Parameter Parameter)> _parameters;

    public FlatState(nn.Module module, OptimizerSpec spec)
    {
        _module = module;
        _parameters = [.. module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter))];
        if (_parameters.Count == 0)
            throw new RecipesException($"{module.GetType().Name}: nothing to train; no parameter requires a gradient.");
        CheckNames(spec);
        Groups =
        [
            .. _parameters
                .GroupBy(p => (Decays: Decays(spec, p.Name, p.Parameter), p.Parameter.dtype, Rate: Rate(spec, p.Name)))
                .OrderBy(g => g.Key.Decays ? 0 : 1)
                .ThenBy(g => g.Key.dtype)
                .ThenByDescending(g => g.Key.Rate)
                .Select(g => new FlatGroup(
                    FormattableString
                        .Invariant($"{(g.Key.Decays ? "decay" : "plain")}.{g.Key.dtype}{(g.Key.Rate == 1 ? "" : $".x{g.Key.Rate:R}")}")
                        .ToLowerInvariant(),
                    g.Key.Decays,
                    [.. g.Select(p => (p.Name, (Tensor)p.Parameter))]
                )
                {
                    Rate = g.Key.Rate,
                }),
        ];
        Buffers =
        [
            .. module
                .named_buffers()
                .Where(b => b.buffer.is_floating_point() && b.buffer.numel() > 0)
                .Select(b => (Name: b.name, Tensor: b.buffer))
                .GroupBy(b => b.Tensor.dtype)
                .OrderBy(g => g.Key)
                .Select(g => new FlatGroup($"buffers.{g.Key}".ToLowerInvariant(), decays: false, [.. g])),
        ];
    }

    /// <summary>Parameters that decay, and those that do not.</summary>
    public IReadOnlyList<FlatGroup> Groups { get; }

    /// <summary>Statistics of norms.</summary>
    public IReadOnlyList<FlatGroup> Buffers { get; }

    /// <summary>Parameters and buffers.</summary>
    public IEnumerable<FlatGroup> All => Groups.Concat(Buffers);

    /// <summary>Throws when a parameter was replaced since, for example by <c>to()</c>.</summary>
    public void CheckIdentity()
    {
        var live = _module.named_parameters().Where(p => p.parameter.requires_grad).ToDictionary(p => p.name, p => p.parameter);
        var replaced = _parameters
            .Where(p => !live.TryGetValue(p.Name, out var now) || !ReferenceEquals(now, p.Parameter))
            .Select(p => p.Name)
            .ToList();
        if (replaced.Count > 0 || live.Count != _parameters.Count)
            throw new RecipesException(
                $"{_module.GetType().Name}: its parameters changed after the optimizer was built ({replaced.FirstOrDefault() ?? "new parameters"}). "
                    + "Build, load and move the module first; then train it."
            );
    }

    /// <summary>Sets all gradients to zero.</summary>
    public void ZeroGradients()
    {
        foreach (var group in Groups)
            group.Gradients!.zero_();
    }

    /// <summary>The 2-norm of all gradients together.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        var squares = 0.0;
        foreach (var group in Groups)
        {
            var norm = group.Gradients!.norm().to(ScalarType.Float64).item<double>();
            squares += norm * norm;
        }
        return Math.Sqrt(squares);
    }

    /// <summary>The first parameter whose value, else whose gradient, is not finite; null when all are.</summary>
    public string? FirstNotFinite()
    {
        foreach (var (what, pick) in new (string, Func<FlatGroup, Tensor>)[] { ("value", g => g.Values), ("gradient", g => g.Gradients!) })
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var group in Groups.Where(g => !Finite(pick(g))))
                names.UnionWith(group.Split(pick(group)).Where(m => !Finite(m.View)).Select(m => m.Name));
            if (_parameters.Select(p => p.Name).FirstOrDefault(names.Contains) is { } first)
                return $"{first} ({what})";
        }
        return null;
    }

    /// <summary>Whether all parameters and statistics are finite.</summary>
    public bool IsFinite() => All.All(g => Finite(g.Values));

    /// <summary>A copy of the norms' statistics, for a step that may be left out; the parameters are not yet changed then.</summary>
    public KeptStatistics KeepStatistics() => new(Buffers);

    public void Dispose()
    {
        foreach (var group in All)
            group.Dispose();
    }

    private static bool Finite(Tensor t)
    {
        using var scope = NewDisposeScope();
        return t.isfinite().all().item<bool>();
    }

    private static bool Decays(OptimizerSpec spec, string name, Tensor parameter) =>
        (spec.DecayVectors || parameter.dim() > 1) && !spec.NoDecay.Any(n => Names(n, name));

    private static double Rate(OptimizerSpec spec, string name) =>
        spec.Rates?.Where(r => Names(r.Part, name)).MaxBy(r => r.Part.Length)?.Factor ?? 1;

    private static bool Names(string part, string name) => $".{name}.".Contains($".{part}.", StringComparison.Ordinal);

    private void CheckNames(OptimizerSpec spec)
    {
        var names = _parameters.ConvertAll(p => p.Name);
        var parts = names.Concat(names.SelectMany(n => n.Split('.'))).Distinct(StringComparer.Ordinal).ToList();
        RecipesException.ThrowIfAny("optimizer.noDecay names parameters that the model does not have:", Unknown(spec.NoDecay));
        RecipesException.ThrowIfAny(
            "optimizer.rates names parameters that the model does not have:",
            Unknown(spec.Rates?.Select(r => r.Part) ?? [])
        );

        List<string> Unknown(IEnumerable<string> given) =>
            [.. given.Where(n => !names.Exists(name => Names(n, name))).Select(n => n + Nearest.Hint(n, parts))];
    }
}

/// <summary>Copies of the statistics' groups.</summary>
internal sealed class KeptStatistics : IDisposable
{
    private readonly List<(FlatGroup Group, Tensor Copy)> _copies;

    public KeptStatistics(IEnumerable<FlatGroup> groups)
    {
        using var _ = no_grad();
        _copies = [.. groups.Select(g => (g, g.Values.clone().DetachFromDisposeScope()))];
    }

    /// <summary>Makes the statistics what they were.</summary>
    public void PutBack()
    {
        using var _ = no_grad();
        foreach (var (group, copy) in _copies)
            group.Values.copy_(copy);
    }

    public void Dispose() => _copies.ForEach(c => c.Copy.Dispose());
}
