using Recipes.Layers;
using Recipes.Models;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>export</b>: a model as ONNX files, in the form (folded or train-time) that it has. It is described layer by layer
/// (<see cref="IOnnxLayer"/>), not traced; the model stays as it is.
/// </summary>
public static class ExportVerb
{
    /// <summary>Writes the files, and compares them with the model where the options ask for it.</summary>
    /// <param name="model">A network of the zoo, or any module of known layers, in evaluation mode.</param>
    /// <param name="path">The file. A model of several parts is written as <c>NAME.PART.onnx</c>.</param>
    /// <param name="options">Opset, dynamic axes, resolution, labels, check.</param>
    /// <exception cref="RecipesException">
    /// The model is in training mode; layers have no meaning in ONNX (all are named); an axis cannot be dynamic; the opset is out of
    /// range; the place cannot be written; or the check finds a difference. Nothing half-written is left.
    /// </exception>
    public static ExportEvidence Export(this Module model, string path, ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        Refuse(model, path, options);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var parts = ExportParts.Of(model, options);
        IReadOnlyList<string>? asked = options.Dynamic is { } axes ? ExportParts.Axes(parts, axes) : null;
        var described = new List<(OnnxPart Part, OnnxGraph Graph, IReadOnlyList<string> Dynamic)>();
        try
        {
            // All of them before a file is written: a part that cannot be exported leaves nothing of the others.
            foreach (var part in parts)
            {
                var (graph, dynamic) = Describe(model, part, asked, options.Opset);
                described.Add((part, graph, dynamic));
            }
            var several = parts.Count > 1;
            var graphs = described.ConvertAll(d =>
                Write(model, d.Part, d.Graph, d.Dynamic, several ? Path.ChangeExtension(path, $".{d.Part.Name}.onnx") : path, options) with
                {
                    Part = several || options.Part is not null ? d.Part.Name : "",
                }
            );
            return new ExportEvidence(Modules.NameOf(model), options.Opset, graphs);
        }
        finally
        {
            described.ForEach(d => d.Graph.Dispose());
        }
    }

    private static ExportedGraph Write(
        Module model,
        OnnxPart part,
        OnnxGraph graph,
        IReadOnlyList<string> dynamic,
        string file,
        ExportOptions options
    )
    {
        var files = OnnxFile.Write(file, graph, Modules.NameOf(model), ExportMetadata.Of(model, part, options), options.LargestFile);
        var (difference, sizes) = options.Check ? ExportCheck.Compare(part, dynamic, file, options) : (default(double?), []);
        return new ExportedGraph(
            "",
            files,
            files.Sum(f => new FileInfo(f).Length),
            graph.Nodes.Count,
            [.. graph.Inputs.Select(v => $"{v.Name} [{string.Join(", ", v.Shape)}]")],
            [.. graph.Outputs.Select(o => $"{o.Name} [{string.Join(", ", o.Value.Shape.Select(Side))}]")],
            difference,
            sizes
        );
    }

    private static void Refuse(Module model, string path, ExportOptions options)
    {
        var problems = new List<string>();
        if (model.training)
            problems.Add("it is in training mode, where dropout and batch statistics change outputs; call eval() first");
        if (options.Opset is < ExportOptions.OldestOpset or > ExportOptions.NewestOpset)
            problems.Add(
                $"opset {options.Opset}: expected {ExportOptions.OldestOpset} to {ExportOptions.NewestOpset}; 17 suits most runtimes"
            );
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            problems.Add($"{path}: expected a name that ends in .onnx");
        if (options.Resolution is < 1)
            problems.Add($"resolution {options.Resolution}: expected a positive number of pixels");
        RecipesException.ThrowIfAny($"{Modules.NameOf(model)} cannot be exported to {path}:", problems);
    }

    // Where nothing is asked for, all that the architecture allows is dynamic.
    private static (OnnxGraph Graph, IReadOnlyList<string> Dynamic) Describe(
        Module model,
        OnnxPart part,
        IReadOnlyList<string>? asked,
        int opset
    )
    {
        IReadOnlyList<string> always = [.. part.Axes.Where(a => !part.Sizes.ContainsKey(a))];
        if (asked is not null)
            return Chosen(model, part, [.. always, .. asked.Where(part.Axes.Contains)], opset);
        try
        {
            return Build(model, part, part.Axes, opset);
        }
        catch (OnnxDynamicException)
        {
            return Build(model, part, [.. always, .. part.Axes.Where(a => a == OnnxPart.Batch.Symbol)], opset);
        }
    }

    private static (OnnxGraph, IReadOnlyList<string>) Chosen(Module model, OnnxPart part, IReadOnlyList<string> dynamic, int opset)
    {
        try
        {
            return Build(model, part, dynamic, opset);
        }
        catch (OnnxDynamicException e)
        {
            throw new RecipesException($"{Modules.NameOf(model)} cannot take dynamic axes {string.Join(", ", dynamic)}. {e.Message}", e);
        }
    }

    private static (OnnxGraph, IReadOnlyList<string>) Build(Module model, OnnxPart part, IReadOnlyList<string> dynamic, int opset)
    {
        var graph = new OnnxGraph(model, opset, Modules.NameOf(model));
        try
        {
            OnnxDim Fixed(OnnxDim d) => d.Symbol is { } name && !dynamic.Contains(name) ? part.Sizes[name] : d;
            var inputs = part.Inputs.Select(i => graph.Input(i.Name, i.Type, [.. i.Shape.Select(Fixed)])).ToList();
            graph.Build(() => part.Describe(graph, inputs));
            return (graph, dynamic);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    // A side that the graph computes has a name like a node's, which says nothing to a reader.
    private static string Side(OnnxDim side) => side.Symbol is { } name && name.Contains('.') ? "?" : side.ToString();
}
