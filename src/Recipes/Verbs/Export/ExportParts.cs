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

    /// <summary>The axes that are asked for by name, of which each part takes those that it has; <c>resolution</c> stands for height and width.</summary>
    /// <exception cref="RecipesException">No part has such an axis.</exception>
    public static IReadOnlyList<string> Axes(IReadOnlyList<OnnxPart> parts, IReadOnlyList<string> asked)
    {
        var names = asked.SelectMany(a => a == "resolution" ? Sides : [a]).Distinct(StringComparer.Ordinal).ToList();
        var problems = names
            .Where(a => !parts.Any(p => p.Axes.Contains(a)))
            .Select(a => $"dynamic axis '{a}': no part has such an axis; {string.Join(", ", parts.Select(Known))}")
            .ToList();
        RecipesException.ThrowIfAny("the model cannot be exported so:", problems);
        return names;
    }

    private static string Known(OnnxPart part) => $"{part.Name} has {string.Join(", ", part.Axes)}";

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
        var output = spec?.OutputName ?? "output";
        if (sample is [var depth, var height, var width])
            return OnnxPart.Images(
                (depth, options.Resolution ?? height, options.Resolution ?? width),
                output,
                (graph, images) => graph.Call(network, images),
                network.call
            );
        return new OnnxPart(
            "input",
            OnnxPart.OneSample,
            [OnnxInput.Floats("input", [OnnxPart.Batch, .. sample.Select(n => (OnnxDim)n)])],
            (graph, inputs) => [(output, graph.Call(network, inputs[0]))],
            inputs => [network.call(inputs[0])]
        );
    }
}
