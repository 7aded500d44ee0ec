using Recipes.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A module in a <see cref="ModelTree"/>.</summary>
/// <param name="Name">Its name in its parent; of the root its own.</param>
/// <param name="Type">Its class, for known layers with their sizes.</param>
/// <param name="Parameters">Elements of its parameters and those below it; what stands at an earlier place too is counted there.</param>
/// <param name="Children">The modules in it.</param>
public sealed record ModelNode(string Name, string Type, long Parameters, IReadOnlyList<ModelNode> Children)
{
    /// <summary>Multiply-accumulates of it and those below it for one sample; null when nothing was run.</summary>
    public long? Macs { get; init; }

    /// <summary>Shape of its output, batch left out; null when it did not run.</summary>
    public IReadOnlyList<long>? Output { get; init; }

    /// <summary>Where the same module stands first; null for the first place itself.</summary>
    public string? SharedWith { get; init; }

    /// <summary>This module and all below it.</summary>
    public int Count => 1 + Children.Sum(c => c.Count);

    internal static ModelNode Of(Module module, ModelRun? run)
    {
        var (places, counted) = (new Dictionary<Module, string>(ReferenceEqualityComparer.Instance), new HashSet<nint>());
        return Of(Modules.NameOf(module), "", module);

        ModelNode Of(string name, string path, Module part)
        {
            if (places.TryGetValue(part, out var first))
                return new ModelNode(name, Describe(part), 0, []) { SharedWith = first, Macs = run is null ? null : 0 };
            places[part] = path;
            var own = part.parameters(recurse: false).Where(p => counted.Add(p.Handle)).Sum(p => p.numel());
            var children = part.named_children().Select(c => Of(c.name, path.Length > 0 ? $"{path}.{c.name}" : c.name, c.module)).ToList();
            return new ModelNode(name, Describe(part), own + children.Sum(c => c.Parameters), children)
            {
                Macs = run is null ? null : run.Macs(part) + children.Sum(c => c.Macs),
                Output = run?.Output(part),
            };
        }
    }

    private static string Describe(Module module)
    {
        var type = module.GetType().Name.Split('`')[0];
        return module switch
        {
            Convolution c => $"{type} {c.in_channels}→{c.out_channels}, {string.Join("×", c.kernel_size)}"
                + (c.stride.Any(s => s != 1) ? $", stride {c.stride[0]}" : "")
                + (c.groups > 1 ? $", {c.groups} groups" : ""),
            Linear l => $"{type} {l.in_features}→{l.out_features}",
            NormBase n => $"{type} {n.num_features}",
            _ => type,
        };
    }
}
