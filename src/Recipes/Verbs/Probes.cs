using Recipes.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>Small random batches on which a verb compares outputs; the same every time.</summary>
internal static class Probes
{
    /// <summary>The shape of the module's own small probe.</summary>
    /// <exception cref="RecipesException">The module and its parts have none.</exception>
    public static IReadOnlyList<long> Shape(Module model) =>
        (model as IRebuildable ?? model.modules().OfType<IRebuildable>().FirstOrDefault()) is { } part
            ? part.Probe
            : throw new RecipesException($"{model.GetName()}: give the shape of a probe batch (Probe) for this kind of module.");

    /// <summary>Standard normal numbers of the weight's type, on its device.</summary>
    public static Tensor Batch(IReadOnlyList<long> shape, Tensor like)
    {
        using var generator = new Generator(0, like.device);
        return randn([.. shape], like.dtype, like.device, generator: generator);
    }
}
