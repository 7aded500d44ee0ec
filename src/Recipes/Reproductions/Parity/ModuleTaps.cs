using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions.Parity;

/// <summary>Keeps the first output of named sub-modules while it lives, through forward hooks.</summary>
internal sealed class ModuleTaps : IDisposable
{
    private readonly List<Action> _removals = [];
    private readonly Dictionary<string, Tensor> _seen = new(StringComparer.Ordinal);

    public ModuleTaps(Module model, IEnumerable<string> names, Func<string, string>? rename = null)
    {
        var parts = model.named_modules().ToDictionary(m => rename?.Invoke(m.name) ?? m.name, m => m.module, StringComparer.Ordinal);
        foreach (var name in names)
        {
            switch (parts.GetValueOrDefault(name))
            {
                case Module<Tensor, Tensor> part:
                    _removals.Add(part.register_forward_hook((_, _, output) => Keep(name, output)).remove);
                    break;
                case Module<Tensor, DecoderPass, Tensor> part:
                    _removals.Add(part.register_forward_hook((_, _, _, output) => Keep(name, output)).remove);
                    break;
            }
        }
    }

    /// <summary>The output of a sub-module, or null when it was not called.</summary>
    public Tensor? Of(string name) => _seen.GetValueOrDefault(name);

    /// <summary>Each record against what its module put out.</summary>
    public IEnumerable<ParityCheck> Compare(IEnumerable<GoldenTensor> records) =>
        records.SelectMany(record => Compare(record, Of(record.Name)));

    /// <summary>A record against what its module put out, null when it was not called.</summary>
    public static IEnumerable<ParityCheck> Compare(GoldenTensor record, Tensor? found) =>
        found is null
            ? [new ParityCheck(record.Name, "checkpoint", double.PositiveInfinity, "no sub-module of this name was called")]
            : TensorParity.Compare(record, found);

    /// <inheritdoc/>
    public void Dispose()
    {
        _removals.ForEach(remove => remove());
        foreach (var tensor in _seen.Values)
            tensor.Dispose();
    }

    private Tensor Keep(string name, Tensor output)
    {
        if (!_seen.ContainsKey(name))
            _seen.Add(name, output.detach().clone().DetachFromDisposeScope());
        return output;
    }
}
