using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>
/// A module's parameters and persistent buffers as PyTorch lists them: a module's own parameters, its own buffers, then
/// its children. (TorchSharp lists all parameters, then all buffers, and a tied tensor under its first name only.)
/// The tensors are the live ones: they are never disposed through this list.
/// </summary>
internal sealed class LiveState
{
    private readonly Dictionary<string, Tensor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Tensor, List<string>> _names = new(ReferenceEqualityComparer.Instance);

    public LiveState(nn.Module module)
    {
        var live = module.state_dict();
        var inState = new HashSet<Tensor>(live.Values, ReferenceEqualityComparer.Instance);
        Walk(module, "", inState);
        // A module may add to its state_dict what its fields do not show.
        foreach (var (name, tensor) in live)
            Add(name, tensor);
    }

    /// <summary>Names and tensors in order; a tied tensor stands under each of its names.</summary>
    public List<KeyValuePair<string, Tensor>> Entries { get; } = [];

    public Tensor this[string name] => _byName[name];

    /// <summary>The names of the same tensor, in order, this one among them.</summary>
    public IReadOnlyList<string> Ties(string name) => _names[_byName[name]];

    /// <summary>Tensors that have more than one name.</summary>
    public IEnumerable<IReadOnlyList<string>> Tied => _names.Values.Where(n => n.Count > 1);

    private void Walk(nn.Module module, string prefix, HashSet<Tensor> inState)
    {
        foreach (var (name, parameter) in module.named_parameters(recurse: false))
            AddIf(inState.Contains(parameter), prefix + name, parameter);
        foreach (var (name, buffer) in module.named_buffers(recurse: false, include_nonpersistent: false))
            AddIf(inState.Contains(buffer), prefix + name, buffer);
        foreach (var (name, child) in module.named_children())
            Walk(child, $"{prefix}{name}.", inState);
    }

    private void AddIf(bool wanted, string name, Tensor tensor)
    {
        if (wanted)
            Add(name, tensor);
    }

    private void Add(string name, Tensor tensor)
    {
        if (!_byName.TryAdd(name, tensor))
            return;
        Entries.Add(new(name, tensor));
        if (_names.TryGetValue(tensor, out var names))
            names.Add(name);
        else
            _names.Add(tensor, [name]);
    }
}
