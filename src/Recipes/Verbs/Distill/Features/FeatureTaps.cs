using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>
/// Keeps what named parts of a network put out, with its gradient, while somebody listens. A part's own tensor dies with its parent's dispose scope, so
/// a second handle of it is kept.
/// </summary>
internal sealed class FeatureTaps : IDisposable
{
    private readonly List<Action> _removals = [];
    private readonly Dictionary<string, Tensor> _features = new(StringComparer.Ordinal);
    private bool _listening;

    /// <summary>Taps these paths; those that the network does not have, or that are no tensor to tensor, are left out.</summary>
    public FeatureTaps(Module network, IEnumerable<string> paths)
    {
        var parts = Parts(network);
        foreach (var path in paths.Distinct())
        {
            if (parts.GetValueOrDefault(path) is Module<Tensor, Tensor> part)
                _removals.Add(part.register_forward_hook((_, _, output) => Keep(path, output)).remove);
        }
    }

    /// <summary>The parts by path.</summary>
    public static Dictionary<string, Module> Parts(Module network) =>
        network.named_modules().ToDictionary(m => m.name, m => m.module, StringComparer.Ordinal);

    /// <summary>What the part put out last; null when it was not called.</summary>
    public Tensor? this[string path] => _features.GetValueOrDefault(path);

    /// <summary>Keeps features from here on.</summary>
    public void Listen() => _listening = true;

    /// <summary>Keeps none from here on, and drops those that are kept.</summary>
    public void Stop()
    {
        _listening = false;
        foreach (var feature in _features.Values)
            feature.Dispose();
        _features.Clear();
    }

    public void Dispose()
    {
        Stop();
        _removals.ForEach(remove => remove());
    }

    private Tensor Keep(string path, Tensor output)
    {
        if (!_listening)
            return output;
        if (_features.Remove(path, out var earlier))
            earlier.Dispose();
        _features[path] = output.alias().DetachFromDisposeScope();
        return output;
    }
}
