using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>A copy of a module's state that nothing else changes or disposes, in the module's order. It owns its tensors.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "A snapshot is a dictionary, but its name says what it is for.")]
public sealed class StateSnapshot : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    internal StateSnapshot(IEnumerable<KeyValuePair<string, Tensor>> live)
    {
        using var _ = no_grad();
        foreach (var (name, tensor) in live)
            _tensors.Add(name, tensor.clone().DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public Tensor this[string key] => _tensors[key];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <summary>Puts the copied values back into a module with the same keys, shapes and dtypes.</summary>
    /// <exception cref="RecipesException">The module differs; all differences together, nothing restored.</exception>
    public void Restore(nn.Module module) => StateDict.Load(module, this, "the snapshot");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees the copies; the module is not touched.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
