using Recipes.Layers;
using Recipes.Models;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>bench</b>: latency, throughput and memory of models by resolution, batch, engine and form. All cases take turns,
/// so that what disturbs the machine disturbs all alike and ratios hold; all of them are in memory at once.
/// </summary>
public static class BenchVerb
{
    /// <summary>Times a model; it stays as it is.</summary>
    /// <param name="model">A network of the zoo, or any module that can be copied and exported, in evaluation mode.</param>
    /// <param name="options">Sizes, engines, forms, rounds.</param>
    /// <param name="progress">Gets a line for each step.</param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <exception cref="RecipesException">
    /// Options are out of range (all are named); the model is in training mode, has no such part or form, or takes no such input; ONNX
    /// Runtime is missing; or engines compute different outputs.
    /// </exception>
    public static BenchEvidence Bench(
        this Module model,
        BenchOptions? options = null,
        IProgress<string>? progress = null,
        CancellationToken cancellation = default
    ) =>
        model.training
            ? throw new RecipesException(
                $"{Modules.NameOf(model)} is in training mode, where outputs vary and nothing folds. Call eval() first."
            )
            : new BenchRun(options, progress, cancellation).Add(model).Measure();

    /// <summary>Builds a network with the weights of seed 0 and times it.</summary>
    /// <inheritdoc cref="Bench(Module, BenchOptions, IProgress{string}, CancellationToken)"/>
    /// <param name="spec">What to build.</param>
    /// <param name="options">As there.</param>
    /// <param name="progress">As there.</param>
    /// <param name="cancellation">As there.</param>
    public static BenchEvidence Bench(
        this NetworkSpec spec,
        BenchOptions? options = null,
        IProgress<string>? progress = null,
        CancellationToken cancellation = default
    ) => Bench([spec], options, progress, cancellation);

    /// <summary>Builds networks with the weights of seed 0 and times them side by side.</summary>
    /// <inheritdoc cref="Bench(Module, BenchOptions, IProgress{string}, CancellationToken)"/>
    /// <param name="specs">What to build.</param>
    /// <param name="options">As there.</param>
    /// <param name="progress">As there.</param>
    /// <param name="cancellation">As there.</param>
    public static BenchEvidence Bench(
        this IReadOnlyList<NetworkSpec> specs,
        BenchOptions? options = null,
        IProgress<string>? progress = null,
        CancellationToken cancellation = default
    ) =>
        specs.Count == 0
            ? throw new RecipesException("there is nothing to time: name a model.")
            : specs.Aggregate(new BenchRun(options, progress, cancellation), (run, spec) => run.Add(spec)).Measure();
}
