using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>Loads, copies and saves a module's state: parameters and buffers under their <c>state_dict</c> keys, in
/// PyTorch's order. A tensor that the model uses under several names is saved under each, and may be loaded from any.</summary>
public static class StateDict
{
    /// <summary>The live parameters and persistent buffers in PyTorch's order (a module's parameters, its buffers, its
    /// children). They alias the weights: never dispose one.</summary>
    public static IReadOnlyList<KeyValuePair<string, Tensor>> Of(nn.Module module) => new LiveState(module).Entries;

    /// <summary>Loads a file of any format that <see cref="WeightsFile"/> opens into a module: keys, shapes and dtypes are compared first, then every tensor is
    /// copied straight from the file's mapping. Nothing is broadcast or cast.</summary>
    /// <param name="module">The module; its tensors keep their identity, device and memory layout.</param>
    /// <param name="path">The file.</param>
    /// <param name="model">The model's name for errors; else the module's type.</param>
    /// <exception cref="RecipesException">The file is not usable, or does not fit; all differences together, and nothing is loaded.</exception>
    public static void Load(nn.Module module, string path, string? model = null)
    {
        using var file = WeightsFile.Open(path);
        Load(module, file, model: model);
    }

    /// <summary>Loads the tensors of an open file whose names begin with <paramref name="prefix"/>, which is taken off.</summary>
    /// <inheritdoc cref="Load(nn.Module, string, string)"/>
    /// <param name="module">As there.</param>
    /// <param name="file">The open file.</param>
    /// <param name="prefix">What the names in the file begin with.</param>
    /// <param name="model">As there.</param>
    /// <param name="absent">Tensors of the module that the file need not have; they keep their values then.</param>
    public static void Load(
        nn.Module module,
        WeightsFile file,
        string prefix = "",
        string? model = null,
        IReadOnlySet<string>? absent = null
    )
    {
        var live = Check(module, file, prefix, model, absent);
        var entries = file.Entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        entries.ForEach(file.CheckValues);
        foreach (var entry in entries)
            file.CopyTo(entry.Name, live[entry.Name[prefix.Length..]]);
    }

    /// <summary>Compares names, shapes and dtypes of a file with a module's, and loads nothing.</summary>
    /// <exception cref="RecipesException">The file does not fit; all differences together.</exception>
    public static void Check(nn.Module module, WeightsFile file, string? model = null, IReadOnlySet<string>? absent = null) =>
        Check(module, file, "", model, absent);

    private static LiveState Check(nn.Module module, WeightsFile file, string prefix, string? model, IReadOnlySet<string>? absent)
    {
        var live = new LiveState(module);
        var entries = file.Entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal));
        var given = entries.Select(e => new TensorForm(e.Name[prefix.Length..], e.Dtype.ToString(), e.Shape)).ToList();
        bool Equal(string a, string b) => file.Bytes(prefix + a).SequenceEqual(file.Bytes(prefix + b));
        var source = prefix.Length == 0 ? file.Path : $"{file.Path} ({prefix}*)";
        Check(live, given, Equal, source, "file", model ?? module.GetType().Name, absent);
        return live;
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
        var live = new LiveState(module);
        bool Equal(string a, string b) => TensorBytes.Same(tensors[a], tensors[b]);
        Check(live, [.. tensors.Select(Form)], Equal, source, "given", model ?? module.GetType().Name);
        using var _ = no_grad();
        foreach (var (name, tensor) in tensors)
            live[name].copy_(tensor);
    }

    /// <summary>A copy of every parameter and buffer, outside all dispose scopes; dispose it when done.</summary>
    public static StateSnapshot Snapshot(nn.Module module) => new(Of(module));

    /// <summary>Sixteen hex digits over the names and values of a module's state: equal for equal weights, bit by bit.</summary>
    public static string Digest(nn.Module module)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach (var (name, tensor) in Of(module))
            {
                stream.Write(Encoding.UTF8.GetBytes(name));
                TensorBytes.WriteTo(stream, tensor);
            }
        }
        return Convert.ToHexStringLower(hash.Hash.AsSpan(0, 8));
    }

    /// <summary>Saves a module's parameters and buffers, listed in PyTorch's order.</summary>
    /// <exception cref="RecipesException">The place cannot be written; an older file stays as it was.</exception>
    public static void Save(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, Of(module), metadata, TensorOrder.Given);

    private static void Check(
        LiveState live,
        List<TensorForm> given,
        Func<string, string, bool> equal,
        string source,
        string givenWord,
        string model,
        IReadOnlySet<string>? absent = null
    )
    {
        var names = given.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        // A tied tensor needs to be given under one of its names only.
        var wanted = live
            .Entries.Where(e => names.Contains(e.Key) || !live.Ties(e.Key).Any(names.Contains))
            .Where(e => names.Contains(e.Key) || absent?.Contains(e.Key) != true)
            .Select(Form);
        var problems = StateComparison.Differences(given, [.. wanted], givenWord).ToList();
        if (problems.Count == 0)
            problems.AddRange(Ties(live, names, equal));
        var count = problems.Count == 1 ? "1 problem" : $"{problems.Count} problems";
        RecipesException.ThrowIfAny($"{source} does not fit {model} ({count}, nothing loaded):", problems);
    }

    private static IEnumerable<string> Ties(LiveState live, HashSet<string> names, Func<string, string, bool> equal) =>
        from tied in live.Tied
        let given = tied.Where(names.Contains).ToList()
        from other in given.Skip(1)
        where !equal(given[0], other)
        select $"tied     {given[0]} and {other} are one tensor in the model, but their values differ";

    /// <summary>What a state says about one tensor.</summary>
    internal static TensorForm Form(KeyValuePair<string, Tensor> t) =>
        new(t.Key, t.Value.dtype.ToDtype()?.ToString() ?? t.Value.dtype.ToString(), t.Value.shape);
}
