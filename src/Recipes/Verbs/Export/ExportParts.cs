using Recipes.Layers;
using Recipes.Models;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

// The graphs of a model, with the sizes that the options choose.
internal static class ExportParts
{
    public const string Batch = "batch";
    private static readonly string[] Sides = ["height", "width"];

    public static IReadOnlyList<OnnxPart> Of(Module model, ExportOptions options)
    {
        var parts = model is IOnnxParts several ? several.OnnxParts(options.Resolution) : [One(model, options)];
        if (options.Part is { } name)
            parts = parts.Any(p => p.Name == name)
                ? [.. parts.Where(p => p.Name == name)]
                : throw new RecipesException(
                    $"{Modules.NameOf(model)} has no part '{name}' to export{Nearest.End(name, [.. parts.Select(p => p.Name)])} It has: {string.Join(", ", parts.Select(p => p.Name))}."
                );
        return parts;
    }

    /// <summary>Whether a model is one graph from one tensor to one.</summary>
    public static bool IsOnly(Module model) => model is not IOnnxParts;

    /// <summary>The axes that are asked for by name; <c>resolution</c> stands for height and width.</summary>
    /// <exception cref="RecipesException">The part has no such axis.</exception>
    public static IEnumerable<string> Axes(OnnxPart part, IReadOnlyList<string> asked)
    {
        var names = asked.SelectMany(a => a == "resolution" ? Sides : [a]).ToList();
        var problems = names
            .Where(a => !part.Axes.Contains(a))
            .Select(a => $"dynamic axis '{a}': {part.Name} has no such axis; it has {string.Join(", ", part.Axes)}")
            .ToList();
        RecipesException.ThrowIfAny("the model cannot be exported so:", problems);
        return names.Distinct(StringComparer.Ordinal);
    }

    // From one tensor to one: images of the zoo's networks, or what the options say.
    private static OnnxPart One(Module model, ExportOptions options)
    {
        if (model is not Module<Tensor, Tensor> network)
            throw new RecipesException(
                $"{Modules.NameOf(model)} does not map one tensor to one tensor; let it implement {nameof(IOnnxParts)} and say what its graphs are."
            );
        var spec = (model as ISpecified)?.Spec;
        long[]? sample =
            options.Input is { } given ? [.. given]
            : spec is { Resolution: > 0 } && model is IRebuildable { Probe: [_, var channels, ..] }
                ? [channels, spec.Resolution, spec.Resolution]
            : model is IRebuildable { Probe: var probe } ? [.. probe.Skip(1)]
            : null;
        if (sample is null)
            throw new RecipesException(
                $"{Modules.NameOf(model)}: the shape of its input is not known; give that of one sample with Input."
            );
        var images = sample.Length == 3;
        OnnxDim[] shape = images
            ? [OnnxDim.Named(Batch), sample[0], OnnxDim.Named(Sides[0]), OnnxDim.Named(Sides[1])]
            : [OnnxDim.Named(Batch), .. sample.Select(n => (OnnxDim)n)];
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal) { [Batch] = 1 };
        if (images)
            (sizes[Sides[0]], sizes[Sides[1]]) = (options.Resolution ?? sample[1], options.Resolution ?? sample[2]);
        return new OnnxPart(
            images ? "image" : "input",
            sizes,
            [OnnxInput.Floats(images ? "images" : "input", shape)],
            (graph, inputs) => [(spec?.OutputName ?? "output", graph.Call(network, inputs[0]))],
            inputs => [network.call(inputs[0])]
        );
    }
}
