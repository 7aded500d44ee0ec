using Recipes.Layers;
using Recipes.Weights;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Finds out whose names a file has, and shows it under the network's own.
internal static class NameMatching
{
    /// <summary>The file itself where it has the network's names, else a view under them, by the library whose names fit most.</summary>
    /// <param name="model">The network.</param>
    /// <param name="file">The file.</param>
    /// <param name="absent">Receives the network's tensors that the library does not have.</param>
    public static WeightsFile Ours(Module model, WeightsFile file, out IReadOnlySet<string> absent)
    {
        absent = new HashSet<string>();
        if (model is not INamedElsewhere elsewhere)
            return file;
        var keys = Keys(model);
        var own = keys.Keys.Count(file.Contains);
        if (own == file.Entries.Count)
            return file;
        var best = elsewhere
            .NameSchemes.Select(s => (Scheme: s, Names: keys.Keys.Select(k => (Ours: k, Theirs: s.Of(k))).ToList()))
            .Select(s => (s.Scheme, s.Names, Found: s.Names.Count(n => n.Theirs.Name is { } name && file.Contains(name))))
            .MaxBy(s => s.Found);
        if (best.Found <= own)
            return file;
        CheckZeros(file, best.Names.Select(n => n.Theirs.Zero).OfType<string>());
        absent = best.Names.Where(n => n.Theirs.Name is null).Select(n => n.Ours).ToHashSet(StringComparer.Ordinal);
        return View(file, best.Scheme.Library, best.Names, keys);
    }

    private static RenamedFile View(
        WeightsFile file,
        string library,
        List<(string Ours, ForeignName Theirs)> names,
        Dictionary<string, IReadOnlyList<long>> keys
    )
    {
        var renamed = new List<Renaming>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (ours, theirs) in names)
        {
            if (theirs.Name is not { } name || !file.Contains(name) || !taken.Add(name))
                continue;
            var given = file[name].Shape;
            var transposed = theirs.Transposed && given.Count == 2;
            IReadOnlyList<long> shape = transposed ? [given[1], given[0]] : given;
            // Another grouping of the same elements, such as a position table with leading ones.
            if (!transposed && Same(given, keys[ours]))
                shape = keys[ours];
            renamed.Add(new Renaming(name, ours, shape, transposed));
        }
        // What nobody knows stays, so that it is reported.
        var known = names.Select(n => n.Theirs.Zero).OfType<string>().Concat(taken).ToHashSet(StringComparer.Ordinal);
        renamed.AddRange(file.Entries.Where(e => !known.Contains(e.Name)).Select(e => new Renaming(e.Name, e.Name, e.Shape, false)));
        return new RenamedFile(file, renamed, $"names are those of {library}");
    }

    // Ones may come and go; the other sides stay in order.
    private static bool Same(IReadOnlyList<long> a, IReadOnlyList<long> b) => a.Where(n => n != 1).SequenceEqual(b.Where(n => n != 1));

    private static void CheckZeros(WeightsFile file, IEnumerable<string> names)
    {
        var problems = new List<string>();
        foreach (var name in names.Where(file.Contains))
        {
            using var values = file.Read(name);
            using var wrong = values.ne(0).any();
            if (wrong.item<bool>())
                problems.Add($"{name} is not zero, and the network has no such tensor");
        }
        RecipesException.ThrowIfAny($"{file.Path} does not fit (nothing loaded):", problems);
    }

    // Keys and shapes of both forms, train-time and folded.
    private static Dictionary<string, IReadOnlyList<long>> Keys(Module model)
    {
        var keys = StateDict.Of(model).ToDictionary(t => t.Key, t => (IReadOnlyList<long>)t.Value.shape, StringComparer.Ordinal);
        foreach (var (path, block) in Modules.Reparameterizable(model).Where(b => !b.Block.IsFolded))
        {
            using var copy = Modules.Copy((Module)block);
            ((IReparameterizable)copy).Fold();
            foreach (var (key, value) in StateDict.Of(copy))
                keys.TryAdd(path.Length == 0 ? key : $"{path}.{key}", value.shape);
        }
        return keys;
    }
}
