using Recipes.Layers;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Weights in: a file of any format into a network, in the form that the file has.</summary>
public static class ModelWeights
{
    /// <summary>
    /// Loads a file into a network: names, shapes and dtypes are compared first, then copied; nothing is cast or broadcast. Where
    /// the file is of the folded form and the network of the train-time form, the blocks that the file has folded are folded first.
    /// Files with the names of another library (timm, open_clip, transformers) are recognised.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="path">A file that <see cref="WeightsFile"/> opens: safetensors, an index of shards, or what torch.save wrote.</param>
    /// <param name="part">The part of a PyTorch checkpoint, such as <c>state_dict_ema</c>; null where there is no doubt.</param>
    /// <returns>The network itself.</returns>
    /// <exception cref="RecipesException">The file is not usable or does not fit; all differences together, and nothing is loaded.</exception>
    public static T Load<T>(this T model, string path, string? part = null)
        where T : Module
    {
        using var file = WeightsFile.Open(path, part);
        return model.Load(file);
    }

    /// <inheritdoc cref="Load{T}(T, string, string)"/>
    /// <param name="model">The network.</param>
    /// <param name="file">The open file.</param>
    public static T Load<T>(this T model, WeightsFile file)
        where T : Module => Load(model, file, out _);

    /// <inheritdoc cref="Load{T}(T, string, string)"/>
    /// <param name="model">The network.</param>
    /// <param name="given">The open file.</param>
    /// <param name="file">Receives the file under the network's own names; the given one owns what it reads.</param>
    internal static T Load<T>(this T model, WeightsFile given, out WeightsFile file)
        where T : Module
    {
        file = NameMatching.Ours(model, given, out var absent);
        var folded = FoldedIn(model, file).ToHashSet(StringComparer.Ordinal);
        if (folded.Count > 0)
        {
            // On a copy first: a file that does not fit leaves the network as it was.
            using var trial = Modules.Copy<Module>(model);
            Modules.Fold(trial, folded.Contains);
            StateDict.Check(trial, file, NameOf(trial), absent);
            Modules.Fold(model, folded.Contains);
        }
        StateDict.Load(model, file, model: NameOf(model), absent: absent);
        return model;
    }

    /// <summary>The blocks of the train-time form for which a file has other names, and lacks theirs.</summary>
    private static IEnumerable<string> FoldedIn(Module model, WeightsFile file)
    {
        var names = file.Entries.Select(e => e.Name).ToList();
        foreach (var (path, block) in Modules.Reparameterizable(model).Where(b => !b.Block.IsFolded))
        {
            var prefix = path.Length == 0 ? "" : path + ".";
            var own = StateDict.Of((Module)block).Select(t => prefix + t.Key).ToHashSet(StringComparer.Ordinal);
            var others = names.Exists(n => n.StartsWith(prefix, StringComparison.Ordinal) && !own.Contains(n));
            if (others && own.Count(file.Contains) < own.Count && IsFoldedForm((Module)block, prefix, file))
                yield return path;
        }
    }

    // A folded copy of the block knows its own names.
    private static bool IsFoldedForm(Module block, string prefix, WeightsFile file)
    {
        using var copy = Modules.Copy(block);
        ((IReparameterizable)copy).Fold();
        return StateDict.Of(copy).All(t => file.Contains(prefix + t.Key));
    }

    private static string NameOf(Module model)
    {
        var name = model is ISpecified { Spec.Name: var given } ? given : model.GetType().Name;
        return Modules.Reparameterizable(model).Any(b => b.Block.IsFolded) ? $"{name} (folded)" : name;
    }
}
