using Recipes.Display;
using Recipes.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A network as a tree of its modules, each with its parameters and, where an input is known, its multiply-accumulates and
/// the shape of its output. Works for any module; a module that stands at several places is counted once.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed partial class ModelTree : Block
{
    private readonly string? _input;

    private ModelTree(ModelNode root, string? input) => (Root, _input) = (root, input);

    /// <summary>The network itself.</summary>
    public ModelNode Root { get; }

    /// <summary>The tree of a module.</summary>
    /// <param name="module">Any module; it stays as it is.</param>
    /// <param name="input">
    /// Shape of one sample, without the batch, on which the module runs once to be measured. Empty: our own networks use
    /// a small image, those of several towers a sample of each; others are not run.
    /// </param>
    /// <exception cref="RecipesException">The module does not run on such an input.</exception>
    public static ModelTree Of(Module module, params long[] input)
    {
        var shape =
            input.Length > 0 ? input
            : module is IRebuildable { Probe: var probe } ? [.. probe.Skip(1)]
            : null;
        if (shape is null)
            return new ModelTree(ModelNode.Of(module, null), null);
        if (module is ITowers towers && (input.Length == 0 || module is not Module<Tensor, Tensor>))
            return new ModelTree(
                ModelNode.Of(module, ModelRun.Of(module, () => towers.Run((int)shape[^1]))),
                string.Join(" and ", towers.Towers.Select(t => $"{t.Name} [{Sample(t, (int)shape[^1])}]"))
            );
        return module is Module<Tensor, Tensor> network
            ? new ModelTree(ModelNode.Of(module, ModelRun.Of(network, shape)), $"[{string.Join(", ", shape)}]")
            : throw new RecipesException(
                $"{module.GetName()} does not map one tensor to one tensor, so it cannot be measured. Leave the input shape out."
            );
    }

    /// <summary>The tree of a spec's network, measured at a resolution in pixels; that of the paper when none is given.</summary>
    public static ModelTree Of(NetworkSpec spec, int? resolution = null)
    {
        using var module = spec.Build();
        var channels = module is IRebuildable { Probe: [_, var c, ..] } ? c : 3;
        var size = resolution ?? spec.Resolution;
        return size == 0 ? Of(module) : Of(module, channels, size, size);
    }

    private static string Sample(Tower tower, int size)
    {
        using var sample = tower.Sample(size);
        return string.Join(", ", sample.shape.Skip(1));
    }
}

/// <summary>Looking at networks.</summary>
public static class ModelTreeViewing
{
    /// <summary>The module as a tree with parameters, and with costs for one input of this shape (without the batch).</summary>
    public static ModelTree Tree(this Module module, params long[] input) => ModelTree.Of(module, input);
}
