using System.Text.Json.Nodes;
using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A merged model and the evidence. The model is the caller's to dispose.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Merged<T>(T Model, MergeEvidence Evidence) : IDisplay
{
    /// <summary>The evidence.</summary>
    public string ToHtml() => Evidence.ToHtml();

    /// <summary>The evidence.</summary>
    public override string ToString() => Evidence.ToString();
}

/// <summary>
/// The verb <b>merge</b>: averages the weights of models of one architecture, which helps when they come from one training or one
/// start (Wise-FT and model soups; SAM-CLIP compares with it in fig. 8). The arguments stay as they are.
/// </summary>
/// <remarks>
/// Averages of batch statistics are only near the statistics of averaged weights. SAM-CLIP's own merging of models with different
/// skills, by distillation on replayed data (arXiv 2310.15308, stages I and II), comes with its paper.
/// </remarks>
public static class MergeVerb
{
    /// <summary>Merges two models of one architecture.</summary>
    /// <param name="model">The first one, whose mode and counters the result has.</param>
    /// <param name="with">The other one.</param>
    /// <param name="options">Shares and probe batch; equal shares unless given.</param>
    /// <exception cref="RecipesException">Shares or architectures do not fit; all differences together.</exception>
    public static Merged<T> Merge<T>(this T model, T with, MergeOptions? options = null)
        where T : Module<Tensor, Tensor> => Merge([model, with], options ?? new MergeOptions());

    /// <summary>
    /// Merges models of one architecture: floating-point tensors, parameters and buffers alike, are averaged in float64; what is equal in
    /// all is kept bit by bit; counters that differ are the first model's.
    /// </summary>
    /// <param name="models">At least one; the result has the first one's mode, type and device.</param>
    /// <param name="options">Shares and probe batch; equal shares unless given.</param>
    /// <exception cref="RecipesException">Shares or architectures do not fit; all differences together.</exception>
    public static Merged<T> Merge<T>(this IEnumerable<T> models, MergeOptions? options = null)
        where T : Module<Tensor, Tensor> => Merge([.. models], options ?? new MergeOptions());

    private static Merged<T> Merge<T>(T[] models, MergeOptions options)
        where T : Module<Tensor, Tensor>
    {
        RecipesException.ThrowIfAny(
            "these models cannot be merged:",
            models.Length == 0
                ? ["models: expected at least 1, found 0"]
                : [.. options.Problems(models.Length), .. models.SelectMany((m, i) => Differences(models[0], m, i + 1))]
        );
        var weights = options.Weights ?? [.. models.Select(_ => 1.0 / models.Length)];
        using var scope = NewDisposeScope();
        using var _ = inference_mode(false);
        using var __ = no_grad();
        var merged = Modules.Copy(models[0]);
        var states = models.Select(m => StateDict.Of(m).ToDictionary(StringComparer.Ordinal)).ToList();
        List<string> averaged = [],
            equal = [],
            taken = [];
        var (farthest, distance) = ((string?)null, 0.0);
        foreach (var (name, target) in StateDict.Of(merged))
        {
            var parts = states.ConvertAll(s => s[name].to(target.device));
            if (parts.Skip(1).All(p => TensorBytes.Same(parts[0], p)))
                equal.Add(name);
            else if (!target.is_floating_point())
                taken.Add(name);
            else
            {
                averaged.Add(name);
                using var inner = NewDisposeScope();
                var exact = parts.ConvertAll(p => p.to(ScalarType.Float64));
                var apart = exact.Max(p => (p - exact[0]).abs().max().item<double>());
                if (farthest is null || apart > distance)
                    (farthest, distance) = (name, apart);
                target.copy_(Sum(exact, weights));
            }
        }
        var (differences, fromEnsemble, probe) = Outputs(models, merged, weights, options);
        return new Merged<T>(
            merged,
            new MergeEvidence(
                [.. models.Select(m => m.GetName())],
                weights,
                averaged,
                equal,
                taken,
                farthest,
                distance,
                differences,
                fromEnsemble,
                probe
            )
        );
    }

    private static Tensor Sum(IEnumerable<Tensor> parts, IReadOnlyList<double> weights) =>
        parts.Select((p, i) => p * weights[i]).Aggregate((a, b) => a + b);

    private static (IReadOnlyList<double> Each, double FromEnsemble, IReadOnlyList<long> Probe) Outputs<T>(
        IReadOnlyList<T> models,
        T merged,
        IReadOnlyList<double> weights,
        MergeOptions options
    )
        where T : Module<Tensor, Tensor>
    {
        var shape = options.Probe ?? Probes.Shape(merged);
        using var evaluating = new EvaluationMode([.. models, merged]);
        var ours = Answer(merged);
        var theirs = models.Select(Answer).ToList();
        return ([.. theirs.Select(t => Largest(t - ours))], Largest(Sum(theirs, weights) - ours), shape);

        Tensor Answer(T model)
        {
            var like = model.parameters().First();
            return model.call(Probes.Batch(shape, like)).to(ScalarType.Float64, CPU);
        }

        static double Largest(Tensor difference) => difference.abs().max().item<double>();
    }

    // What keeps a model from being merged with the first one: its state, then what its spec says besides.
    private static IEnumerable<string> Differences(Module first, Module other, int number)
    {
        List<TensorForm> given = [.. StateDict.Of(other).Select(StateDict.Form)],
            wanted = [.. StateDict.Of(first).Select(StateDict.Form)];
        var state = StateComparison
            .Differences(given, wanted, $"model {number}")
            .Select(l => l.Replace("   model [", "   model 1 [", StringComparison.Ordinal));
        var spec = first is ISpecified a && other is ISpecified b ? Differences(a.Spec, b.Spec, number) : [];
        return state.Concat(spec).Select(line => $"model {number}: {line}");
    }

    private static IEnumerable<string> Differences(ModelSpec first, ModelSpec other, int number)
    {
        var (a, b) = (CanonicalJson.Of(first).AsObject(), CanonicalJson.Of(other).AsObject());
        return a.Select(p => p.Key)
            .Union(b.Select(p => p.Key), StringComparer.Ordinal)
            .Where(key => key != "name" && !JsonNode.DeepEquals(a[key], b[key]))
            .Select(key => $"spec     {key}   model {number} {Text(b[key])}   model 1 {Text(a[key])}");

        static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";
    }
}
