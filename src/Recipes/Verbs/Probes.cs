using Recipes.Layers;
using Recipes.Models;
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

    /// <summary>What a network makes of a probe; one of several towers, each of its sample.</summary>
    /// <exception cref="RecipesException">The module takes other inputs.</exception>
    public static IReadOnlyList<Tensor> Outputs(Module model, IReadOnlyList<long> shape) =>
        model switch
        {
            ITowers towers => [.. towers.Towers.Select(t => t.Run((int)shape[^1]))],
            Module<Tensor, Tensor> network => [network.call(Batch(shape, model.parameters().First()))],
            _ => throw new RecipesException($"{model.GetName()}: no rule says on what to run it."),
        };

    /// <summary>The same, for what it does on the way.</summary>
    public static void Run(Module model, IReadOnlyList<long> shape)
    {
        foreach (var output in Outputs(model, shape))
            output.Dispose();
    }

    /// <summary>Standard normal numbers of the weight's type, on its device.</summary>
    public static Tensor Batch(IReadOnlyList<long> shape, Tensor like)
    {
        using var generator = new Generator(0, like.device);
        return randn([.. shape], like.dtype, like.device, generator: generator);
    }
}
