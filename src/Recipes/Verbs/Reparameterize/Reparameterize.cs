using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A result and the evidence for it.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Folded<T>(T Model, ReparameterizeEvidence Evidence) : IDisplay
{
    /// <summary>The evidence.</summary>
    public string ToHtml() => Evidence.ToHtml();

    /// <summary>The evidence as text.</summary>
    public override string ToString() => Evidence.ToString();
}

/// <summary>
/// The verb <b>reparameterize</b>: folds every multi-branch block into one convolution that computes the same in
/// evaluation mode (MobileOne, sec. 3.2). The argument stays as it is.
/// </summary>
public static class ReparameterizeVerb
{
    /// <summary>Folds a whole model, or the part of it that the options name, on a copy.</summary>
    /// <param name="model">A model, a block or a container of blocks, in evaluation mode.</param>
    /// <param name="options">Part, tolerance and probe batch.</param>
    /// <exception cref="RecipesException">
    /// The model is in training mode; nothing in it can fold; the part is unknown; or the copy's outputs differ by more than
    /// the tolerance.
    /// </exception>
    public static Folded<T> Reparameterize<T>(this T model, ReparameterizeOptions? options = null)
        where T : Module
    {
        options ??= new ReparameterizeOptions();
        if (model.training)
        {
            throw new RecipesException(
                $"{model.GetName()} is in training mode: there its normalisations use the statistics of each batch, which no fixed kernel equals. "
                    + "Call eval() first, then Reparameterize()."
            );
        }
        using var scope = NewDisposeScope();
        using var _ = inference_mode(false);
        var folded = Modules.Copy(model);
        var blocks = Select(model, folded, options.Part);
        foreach (var block in blocks)
            block.Fold();
        return new Folded<T>(folded, Compare(model, folded, blocks.Count, options));
    }

    // The blocks of the copy that are to fold. Nothing to fold is an error: a verb never silently does nothing.
    private static List<IReparameterizable> Select(Module model, Module copy, string? part)
    {
        var all = Modules.Reparameterizable(copy).ToList();
        if (part is not null && !model.named_modules().Any(m => m.name == part))
        {
            var known = model.named_modules().Select(m => m.name).ToList();
            throw new RecipesException($"{model.GetName()} has no part '{part}'{Nearest.Hint(part, known)}");
        }
        var inPart = part is null
            ? all
            : all.Where(b => b.Path == part || b.Path.StartsWith(part + ".", StringComparison.Ordinal)).ToList();
        var open = inPart.Where(b => !b.Block.IsFolded).Select(b => b.Block).ToList();
        if (open.Count == 0)
        {
            var why = inPart.Count > 0 ? "all its blocks are folded already" : "it has no block that can fold";
            throw new RecipesException($"{model.GetName()}{(part is null ? "" : "." + part)}: nothing to reparameterize, {why}.");
        }
        return open;
    }

    private static ReparameterizeEvidence Compare(Module model, Module folded, int count, ReparameterizeOptions options)
    {
        using var _ = no_grad();
        var first = model.parameters().First();
        var shape = options.Probe ?? Probes.Shape(model);
        var (difference, relative) = Probes
            .Outputs(model, shape)
            .Zip(Probes.Outputs(folded, shape), Difference)
            .Aggregate((a, b) => (Math.Max(a.Absolute, b.Absolute), Math.Max(a.Relative, b.Relative)));
        var tolerance = options.Tolerance ?? (first.dtype == ScalarType.Float64 ? 1e-10 : 1e-4);
        if (!(relative <= tolerance))
        {
            throw new RecipesException(
                $"{model.GetName()}: folding moves outputs by {difference:G3} ({relative:G3} relative), allowed {tolerance:G3}. "
                    + "Look for running variances near zero or weights that are not finite, or allow more with Tolerance."
            );
        }
        return new ReparameterizeEvidence(
            count,
            Profile.Of(model, () => Probes.Run(model, [1, .. shape.Skip(1)])),
            Profile.Of(folded, () => Probes.Run(folded, [1, .. shape.Skip(1)])),
            difference,
            relative,
            tolerance,
            shape
        );
    }

    private static (double Absolute, double Relative) Difference(Tensor expected, Tensor actual)
    {
        var difference = (expected - actual).abs().max().to(ScalarType.Float64).item<double>();
        return (difference, difference / Math.Max(expected.abs().max().to(ScalarType.Float64).item<double>(), double.Epsilon));
    }
}
