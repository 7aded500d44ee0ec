using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes;

/// <summary>
/// A module's state in PyTorch's order: of each module its parameters, then its buffers, then its children in order of
/// registration. TorchSharp's own <c>state_dict()</c> lists all parameters before all buffers.
/// </summary>
public static class ModuleState
{
    /// <summary>Names and live tensors (not copies: do not dispose them).</summary>
    public static IReadOnlyList<(string Name, Tensor Value)> Of(Module module)
    {
        var entries = new List<(string, Tensor)>();
        Collect(module, "", entries);
        return entries;
    }

    private static void Collect(Module module, string prefix, List<(string, Tensor)> entries)
    {
        entries.AddRange(module.named_parameters(recurse: false).Select(p => (prefix + p.name, (Tensor)p.parameter)));
        var buffers = module.named_buffers(recurse: false).ToList();
        if (buffers.Count > 0)
        {
            var persistent = module.state_dict(); // leaves out buffers that are not to be saved
            entries.AddRange(buffers.Where(b => persistent.ContainsKey(b.name)).Select(b => (prefix + b.name, b.buffer)));
        }
        foreach (var (name, child) in module.named_children())
            Collect(child, prefix + name + ".", entries);
    }
}
