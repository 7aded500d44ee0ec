using Recipes.Data;
using Recipes.Layers;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Networks with their official weights: <c>Zoo.MobileClip("s0").LoadPretrained()</c>.</summary>
public static class Pretrained
{
    /// <summary>Builds a network and loads its official weights from the cache; it is in evaluation mode.</summary>
    /// <param name="spec">A spec of the zoo.</param>
    /// <param name="options">Where from and as what; null for the defaults.</param>
    /// <exception cref="RecipesException">
    /// No weights are published, they are not in the cache (the error has the command that brings them), or the file does not fit.
    /// </exception>
    public static Module LoadPretrained(this NetworkSpec spec, PretrainedOptions? options = null)
    {
        options ??= new PretrainedOptions();
        var (path, prefix) = Locate(spec, options);
        using var file = WeightsFile.Open(path);
        var model = spec.Build();
        try
        {
            if (FloatType(file, prefix) is { } type && type != ScalarType.Float32)
                model.to(type);
            model.Load(prefix.Length == 0 ? file : Without(file, prefix));
            model.eval();
            if (options.Fold)
                Modules.Fold(model);
            if (options.Type is { } wanted)
                model.to(wanted);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static Module<Tensor, Tensor> LoadPretrained(this ModelSpec spec, PretrainedOptions? options = null) =>
        (Module<Tensor, Tensor>)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static MobileClip LoadPretrained(this MobileClipSpec spec, PretrainedOptions? options = null) =>
        (MobileClip)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static MobileClip2 LoadPretrained(this MobileClip2Spec spec, PretrainedOptions? options = null) =>
        (MobileClip2)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static Clip LoadPretrained(this ClipSpec spec, PretrainedOptions? options = null) =>
        (Clip)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static Sam LoadPretrained(this SamSpec spec, PretrainedOptions? options = null) =>
        (Sam)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static FastVlm LoadPretrained(this FastVlmSpec spec, PretrainedOptions? options = null) =>
        (FastVlm)LoadPretrained((NetworkSpec)spec, options);

    /// <inheritdoc cref="LoadPretrained(NetworkSpec, PretrainedOptions)"/>
    public static Decoder LoadPretrained(this DecoderSpec spec, PretrainedOptions? options = null) =>
        (Decoder)LoadPretrained((NetworkSpec)spec, options);

    private static (string Path, string Prefix) Locate(NetworkSpec spec, PretrainedOptions options)
    {
        if (options.Path is { } given)
            return (given, "");
        var entry = WeightsCatalog.Find(spec.Name);
        var path = Path.Combine(options.Download.Folder, entry.Source.Name, entry.File);
        if (!File.Exists(path) && options.AcceptLicence)
            DataCache.GetAsync(entry.Source, options.Download with { AcceptLicence = true }).GetAwaiter().GetResult();
        return File.Exists(path)
            ? (path, entry.Prefix)
            : throw new MissingDataException(
                $"{spec.Name}: its official weights are not in the cache. Get them with 'recipes data get {entry.Source.Name} --accept-licence'; "
                    + $"the terms are '{entry.Source.Licence}' ({entry.Source.Home}). Looked for:",
                [path]
            );
    }

    private static RenamedFile Without(WeightsFile file, string prefix) =>
        new(
            file,
            [
                .. file
                    .Entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(e => new Renaming(e.Name, e.Name[prefix.Length..], e.Shape, false)),
            ],
            $"the tensors of {prefix}* only"
        );

    // The one floating type of a file; null where there are several, which loading then reports.
    private static ScalarType? FloatType(WeightsFile file, string prefix)
    {
        var types = file
            .Entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(e => e.Dtype.ToTorch())
            .Where(t => t is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64)
            .Distinct()
            .ToList();
        return types.Count == 1 ? types[0] : null;
    }
}
