using Recipes.Layers;
using Recipes.Models;
using Recipes.Weights;
using TorchSharp;

namespace Recipes.Verbs;

/// <summary>The verb <b>convert</b>: weights of any known format become one safetensors file, or with a network ONNX.</summary>
public static class WeightsConversion
{
    private const string Safetensors = ".safetensors";
    private const string Onnx = ".onnx";

    /// <summary>Reads a file, checks it, and writes it as safetensors or ONNX; or fails and writes nothing.</summary>
    /// <param name="input">safetensors, an index of shards, or what torch.save wrote.</param>
    /// <param name="output">The safetensors or ONNX file; an older one is replaced only when the new one is complete.</param>
    /// <param name="options">The network to compare with, folding, the part of a checkpoint.</param>
    /// <exception cref="RecipesException">The input is not usable or does not fit the network, or the output is the input.</exception>
    public static ConvertEvidence Convert(string input, string output, ConvertOptions? options = null)
    {
        options ??= new ConvertOptions();
        if (options.Fold && options.Model is null)
            throw new RecipesException("folding needs the network: name it with --model (code: Model).");
        var onnx = output.EndsWith(Onnx, StringComparison.OrdinalIgnoreCase);
        if (!onnx && !output.EndsWith(Safetensors, StringComparison.OrdinalIgnoreCase))
            throw new RecipesException($"{output}: weights are written as {Safetensors} or {Onnx}; give the output a name that ends so.");
        if (onnx && options.Model is null)
            throw new RecipesException($"{output}: an ONNX file holds the network too: name it with --model (code: Model).");
        using var file = WeightsFile.Open(input, options.Part);
        if (file.Files.Any(f => SamePlace(f, output)))
            throw new RecipesException($"{output} is what is being read; give the output another name.");
        var metadata =
            file.Metadata.Count > 0 ? file.Metadata : new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" };
        var fit = new Fitted(null, null, null, file.Notes);
        if (options.Model is null)
            SafetensorsWriter.Write(output, file, metadata);
        else
            fit = Fit(file, options, output, metadata);
        using var written = onnx ? null : SafetensorsFile.Open(output);
        var entries = written?.Entries ?? file.Entries;
        return new ConvertEvidence(
            input,
            file.Format,
            output,
            entries.Count,
            fit.Exported?.Graphs.Sum(g => g.Bytes) ?? new FileInfo(output).Length,
            entries.CountBy(e => e.Dtype.ToString()).OrderByDescending(d => d.Value).ToDictionary(StringComparer.Ordinal),
            fit.Form,
            fit.Folded,
            fit.Notes
        )
        {
            Exported = fit.Exported,
        };
    }

    private sealed record Fitted(string? Form, ReparameterizeEvidence? Folded, ExportEvidence? Exported, IReadOnlyList<string> Notes);

    private static Fitted Fit(WeightsFile file, ConvertOptions options, string output, IReadOnlyDictionary<string, string> metadata)
    {
        using var scope = torch.NewDisposeScope();
        using var model = options.Model!.Build();
        model.Load(file, out var own);
        var form = Modules.Reparameterizable(model).Any(b => b.Block.IsFolded) ? "folded" : "train-time";
        var fit = new Fitted($"{options.Model.Name}, {form}", null, null, own.Notes);
        if (output.EndsWith(Safetensors, StringComparison.OrdinalIgnoreCase) && !options.Fold)
        {
            SafetensorsWriter.Write(output, own, metadata);
            return fit;
        }
        model.eval();
        if (!options.Fold)
            return fit with { Exported = model.Export(output, options.Export) };
        var (result, evidence) = model.Reparameterize();
        using (result)
        {
            if (output.EndsWith(Onnx, StringComparison.OrdinalIgnoreCase))
                return fit with { Folded = evidence, Exported = result.Export(output, options.Export) };
            StateDict.Save(result, output, metadata);
            return fit with { Folded = evidence };
        }
    }

    private static bool SamePlace(string a, string b) => string.Equals(Real(a), Real(b), StringComparison.Ordinal);

    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
