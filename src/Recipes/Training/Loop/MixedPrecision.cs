using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// While it lives, weights of all layers but norms are bf16; afterwards they are float32 again, from the optimizer's float32 copy.
/// Norms keep float32 weights and statistics, which libtorch allows for bf16 inputs.
/// </summary>
internal sealed class MixedPrecision : IDisposable
{
    private readonly nn.Module _module;
    private readonly List<nn.Module> _halved = [];
    private Dictionary<string, Tensor> _exact = [];

    public MixedPrecision(nn.Module module, Precision precision)
    {
        _module = module;
        if (precision != Precision.Bf16)
            return;
        foreach (var layer in module.modules().Append(module).Distinct().Where(m => !m.children().Any() && !IsNorm(m)))
        {
            if (!layer.parameters().Any(p => p.dtype == ScalarType.Float32))
                continue;
            layer.to(ScalarType.BFloat16);
            _halved.Add(layer);
        }
    }

    /// <summary>Takes the exact weights out of the optimizer's groups before they are gone.</summary>
    public void Keep(FlatState weights)
    {
        using var _ = no_grad();
        if (_halved.Count > 0)
            _exact = weights
                .Groups.SelectMany(g => g.Split(g.Master))
                .ToDictionary(m => m.Name, m => m.View.clone().DetachFromDisposeScope(), StringComparer.Ordinal);
    }

    public void Dispose()
    {
        using var _ = no_grad();
        foreach (var layer in _halved)
            layer.to(ScalarType.Float32);
        foreach (var (name, parameter) in _module.named_parameters())
        {
            if (_exact.TryGetValue(name, out var exact))
                parameter.copy_(exact);
        }
        foreach (var exact in _exact.Values)
            exact.Dispose();
    }

    private static bool IsNorm(nn.Module m) => m.GetType().Name is var name && (name.Contains("Norm", StringComparison.Ordinal));
}
