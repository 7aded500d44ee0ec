using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>What verbs need of modules and TorchSharp does not have: exact copies.</summary>
public static class Modules
{
    /// <summary>
    /// A copy with its own weights: same structure (folded parts included), same values, type, device and mode; parameters
    /// that do not require gradients still do not.
    /// </summary>
    /// <exception cref="RecipesException">A part of the module is neither rebuildable nor a container of such parts.</exception>
    public static T Copy<T>(T module)
        where T : Module
    {
        using var _ = no_grad();
        var copy = Rebuild(module, module.GetType().Name);
        var from = module.state_dict();
        foreach (var (name, value) in copy.state_dict())
        {
            if (value.dtype != from[name].dtype || value.device_type != from[name].device_type)
                throw new RecipesException(
                    $"{module.GetType().Name}: the rebuilt {name} is {value.dtype}, the original {from[name].dtype}."
                );
            value.copy_(from[name]);
        }
        var gradients = module.named_parameters().ToDictionary(p => p.name, p => p.parameter.requires_grad);
        foreach (var (name, parameter) in copy.named_parameters())
            parameter.requires_grad = gradients[name];
        copy.train(module.training);
        return (T)copy;
    }

    /// <summary>
    /// Every block of the module that can fold, with its path ("" for the module itself). Of blocks within blocks the outermost,
    /// which folds them all.
    /// </summary>
    public static IEnumerable<(string Path, IReparameterizable Block)> Reparameterizable(Module module)
    {
        if (module is IReparameterizable self)
            return [("", self)];
        var found = new List<(string Path, IReparameterizable Block)>();
        foreach (var (path, child) in module.named_modules().OrderBy(m => m.name.Length))
        {
            if (child is IReparameterizable block && !found.Exists(f => path.StartsWith(f.Path + ".", StringComparison.Ordinal)))
                found.Add((path, block));
        }
        return found;
    }

    /// <summary>Whether every block that can fold has folded; null where there is none.</summary>
    internal static bool? IsFolded(Module module)
    {
        var blocks = Reparameterizable(module).ToList();
        return blocks.Count == 0 ? null : blocks.TrueForAll(b => b.Block.IsFolded);
    }

    /// <summary>What a module is called: the name of its spec, or its type where TorchSharp has given it one of its own.</summary>
    internal static string NameOf(Module module)
    {
        var name = module.GetName();
        return name.Contains("::", StringComparison.Ordinal) ? module.GetType().Name : name;
    }

    /// <summary>Parts that follow each other, named by their numbers as torch's Sequential names them.</summary>
    internal static Sequential Numbered(IEnumerable<Module<Tensor, Tensor>> parts) =>
        Sequential(parts.Select((part, i) => (i.ToString(CultureInfo.InvariantCulture), part)));

    /// <summary>Folds the blocks of a fresh module whose counterparts in another are folded, and returns it.</summary>
    internal static T FoldedAlike<T>(Module pattern, T fresh)
        where T : Module
    {
        var folded = Reparameterizable(pattern).Where(b => b.Block.IsFolded).Select(b => b.Path).ToHashSet(StringComparer.Ordinal);
        Fold(fresh, folded.Contains);
        return fresh;
    }

    /// <summary>Folds the blocks of a module in place: all, or those whose paths are chosen.</summary>
    internal static void Fold(Module module, Func<string, bool>? chosen = null)
    {
        foreach (var (path, block) in Reparameterizable(module).ToList())
        {
            if (chosen?.Invoke(path) ?? true)
                block.Fold();
        }
    }

    /// <summary>The part at a path, for example <c>stage1.0.rbr_scale</c>.</summary>
    /// <exception cref="RecipesException">There is no such part, or it is of another type.</exception>
    public static T Part<T>(this Module module, string path)
        where T : Module =>
        module.named_modules().FirstOrDefault(m => m.name == path).module switch
        {
            T part => part,
            null => throw new RecipesException(
                $"{module.GetName()} has no part '{path}'{Nearest.Hint(path, module.named_modules().Select(m => m.name).ToList())}"
            ),
            var other => throw new RecipesException($"{module.GetName()}.{path} is a {other.GetType().Name}, not a {typeof(T).Name}."),
        };

    private static Module Rebuild(Module module, string path)
    {
        Module copy = module switch
        {
            IRebuildable rebuildable => rebuildable.Rebuild(),
            Sequential sequential => Sequential(
                sequential.named_children().Select(c => (c.name, (Module<Tensor, Tensor>)Rebuild(c.module, path + "." + c.name)))
            ),
            TorchSharp.Modules.Identity => nn.Identity(),
            _ => throw new RecipesException(
                $"{path}: a {module.GetType().Name} cannot be copied; let it implement {nameof(IRebuildable)}."
            ),
        };
        foreach (var parameter in module.parameters().Take(1))
            copy.to(parameter.device).to(parameter.dtype);
        return copy;
    }
}
