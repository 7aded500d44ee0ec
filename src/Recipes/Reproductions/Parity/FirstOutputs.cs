using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

// The output of named sub-modules at their first call.
internal sealed class FirstOutputs : IDisposable
{
    private readonly Dictionary<string, Tensor> _seen = new(StringComparer.Ordinal);
    private readonly List<Action> _removals = [];

    public FirstOutputs(IEnumerable<string> names, IReadOnlyDictionary<string, Module> parts)
    {
        foreach (var name in names)
        {
            if (parts.GetValueOrDefault(name) is not Module<Tensor, Tensor> part)
                continue;
            var hook = part.register_forward_hook(
                (_, _, output) =>
                {
                    if (!_seen.ContainsKey(name))
                        _seen[name] = output.clone().DetachFromDisposeScope();
                    return output;
                }
            );
            _removals.Add(hook.remove);
        }
    }

    /// <summary>The output of a sub-module, or null when it was not called.</summary>
    public Tensor? Of(string name) => _seen.GetValueOrDefault(name);

    /// <summary>Takes the hooks away.</summary>
    public void Stop()
    {
        _removals.ForEach(remove => remove());
        _removals.Clear();
    }

    public void Dispose()
    {
        Stop();
        foreach (var output in _seen.Values)
            output.Dispose();
    }
}
