using Recipes.Layers;
using Recipes.Models;
using Recipes.Weights;
using TorchSharp;

namespace Recipes.Verbs;

/// <summary>The verb <b>convert</b>: weights of any known format become one safetensors file.</summary>
public static class WeightsConversion
{
    private const string Extension = ".safetensors";

    /// <summary>Reads a file, checks it, and writes it as safetensors; or fails and writes nothing.</summary>
    /// <param name="input">safetensors, an index of shards, or what torch.save wrote.</param>
    /// <param name="output">The safetensors file; an older one is replaced only when the new one is complete.</param>
    /// <param name="options">The network to compare with, folding, the part of a checkpoint.</param>
    /// <exception cref="RecipesException">The input is not usable or does not fit the network, or the output is the input.</exception>
    public static ConvertEvidence Convert(string input, string output, ConvertOptions? options = null)
    {
        options ??= new ConvertOptions();
        if (options.Fold && options.Model is null)
            throw new RecipesException("folding needs the network: name it with --model (code: Model).");
        if (!output.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw new RecipesException($"{output}: weights are written as {Extension}; give the output a name that ends so.");
        using var file = WeightsFile.Open(input, options.Part);
        if (file.Files.Any(f => SamePlace(f, output)))
            throw new RecipesException($"{output} is what is being read; give the output another name.");
        var metadata =
            file.Metadata.Count > 0 ? file.Metadata : new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" };
        var (form, folded, notes) = (default(string), default(ReparameterizeEvidence), file.Notes);
        if (options.Model is null)
            SafetensorsWriter.Write(output, file, metadata);
        else
            (form, folded, notes) = Fit(file, options, output, metadata);
        using var written = SafetensorsFile.Open(output);
        return new ConvertEvidence(
            input,
            file.Format,
            output,
            written.Entries.Count,
            new FileInfo(output).Length,
            written.Entries.CountBy(e => e.Dtype.ToString()).OrderByDescending(d => d.Value).ToDictionary(StringComparer.Ordinal),
            form,
            folded,
            notes
        );
    }

    private static (string Form, ReparameterizeEvidence? Folded, IReadOnlyList<string> Notes) Fit(
        WeightsFile file,
        ConvertOptions options,
        string output,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var scope = torch.NewDisposeScope();
        using var model = options.Model!.Build();
        model.Load(file, out var own);
        var form = Modules.Reparameterizable(model).Any(b => b.Block.IsFolded) ? "folded" : "train-time";
        if (!options.Fold)
        {
            SafetensorsWriter.Write(output, own, metadata);
            return ($"{options.Model.Name}, {form}", null, own.Notes);
        }
        model.eval();
        var (result, evidence) = model.Reparameterize();
        using (result)
            StateDict.Save(result, output, metadata);
        return ($"{options.Model.Name}, {form}", evidence, own.Notes);
    }

    private static bool SamePlace(string a, string b) => string.Equals(Real(a), Real(b), StringComparison.Ordinal);

    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
