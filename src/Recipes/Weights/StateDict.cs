using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>Loads, copies and saves a module's state: parameters and buffers under their <c>state_dict</c> keys.</summary>
public static class StateDict
{
    /// <summary>Loads a safetensors file into a module: keys, shapes and dtypes are compared first, then every tensor is
    /// copied straight from the file's mapping. Nothing is broadcast or cast.</summary>
    /// <param name="module">The module; its tensors keep their identity, device and memory layout.</param>
    /// <param name="path">The file.</param>
    /// <param name="model">The model's name for errors; else the module's type.</param>
    /// <exception cref="RecipesException">The file is not usable, or does not fit; all differences together, and nothing is loaded.</exception>
    public static void Load(nn.Module module, string path, string? model = null)
    {
        using var file = SafetensorsFile.Open(path);
        Load(module, file, model: model);
    }

    /// <summary>Loads the tensors of an open file whose names begin with <paramref name="prefix"/>, which is taken off.</summary>
    /// <inheritdoc cref="Load(nn.Module, string, string)"/>
    public static void Load(nn.Module module, SafetensorsFile file, string prefix = "", string? model = null)
    {
        var entries = file.Entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        var live = module.state_dict();
        Check(
            module,
            live,
            [.. entries.Select(e => new TensorForm(e.Name[prefix.Length..], e.Dtype.ToString(), e.Shape))],
            file.Path,
            "file",
            model
        );
        entries.ForEach(file.CheckValues);
        foreach (var entry in entries)
            file.CopyTo(entry.Name, live[entry.Name[prefix.Length..]]);
    }

    /// <summary>Loads tensors that are in memory; they are not changed and stay the caller's.</summary>
    /// <param name="module">The module; its tensors keep their identity, device and memory layout.</param>
    /// <param name="tensors">Tensors of the same keys, shapes and dtypes, on any device.</param>
    /// <param name="source">Where they come from, for errors.</param>
    /// <param name="model">The model's name for errors; else the module's type.</param>
    /// <exception cref="RecipesException">They do not fit; all differences together, and nothing is loaded.</exception>
    public static void Load(
        nn.Module module,
        IReadOnlyDictionary<string, Tensor> tensors,
        string source = "the state",
        string? model = null
    )
    {
        var live = module.state_dict();
        Check(module, live, [.. tensors.Select(Form)], source, "given", model);
        using var _ = no_grad();
        foreach (var (name, tensor) in tensors)
            live[name].copy_(tensor);
    }

    /// <summary>A copy of every parameter and buffer, outside all dispose scopes; dispose it when done.</summary>
    public static StateSnapshot Snapshot(nn.Module module) => new(module.state_dict());

    /// <summary>Saves a module's parameters and buffers, listed in the module's order.</summary>
    /// <exception cref="RecipesException">The place cannot be written; an older file stays as it was.</exception>
    public static void Save(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, module.state_dict(), metadata, TensorOrder.Given);

    // state_dict aliases the live weights: its entries are read and written here, and never disposed.
    private static void Check(
        nn.Module module,
        Dictionary<string, Tensor> live,
        List<TensorForm> given,
        string source,
        string givenWord,
        string? model
    )
    {
        var differences = StateComparison.Differences(given, [.. live.Select(Form)], givenWord);
        var count = differences.Count == 1 ? "1 problem" : $"{differences.Count} problems";
        RecipesException.ThrowIfAny($"{source} does not fit {model ?? module.GetType().Name} ({count}, nothing loaded):", differences);
    }

    private static TensorForm Form(KeyValuePair<string, Tensor> t) =>
        new(t.Key, t.Value.dtype.ToDtype()?.ToString() ?? t.Value.dtype.ToString(), t.Value.shape);
}
