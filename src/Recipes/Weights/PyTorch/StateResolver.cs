namespace Recipes.Weights;

/// <summary>Names and tensors, and how they were found.</summary>
internal sealed record ResolvedState(IReadOnlyList<KeyValuePair<string, PyTorchTensor>> Tensors, IReadOnlyList<string> Notes);

/// <summary>Finds the weights among what a training script saved: the part that holds them, then the tensors in it by their names.</summary>
internal sealed class StateResolver(string path)
{
    private const int Deepest = 64;
    private const int MostVisited = 5_000_000;
    private const long MostNameCharacters = 1 << 26;
    private const string All = ".";

    private static readonly HashSet<string> Weights = new(StringComparer.OrdinalIgnoreCase)
    {
        "state_dict",
        "model",
        "model_state_dict",
        "model_state",
        "module",
        "net",
        "network",
        "params",
        "weights",
        "ema",
        "ema_model",
        "model_ema",
        "ema_state_dict",
        "state_dict_ema",
        "model_ema_state_dict",
        "params_ema",
        "student",
        "teacher",
    };

    private static readonly string[] TrainingState = ["optim", "sched", "scaler", "rng", "random", "loop", "callback", "criterion", "loss"];
    private static readonly string[] Prefixes = ["module.", "_orig_mod."];
    private readonly List<string> _notes = [];
    private readonly List<KeyValuePair<string, PyTorchTensor>> _tensors = [];
    private int _visited;
    private long _characters;

    /// <summary>The tensors of a part, or of the only one that can be meant.</summary>
    public ResolvedState Resolve(object? root, string? part)
    {
        var taken = part is null or All ? root : Choose(root, part);
        if (part != All)
            taken = Descend(taken, part is null ? [] : [part]);
        Flatten(taken, "", 0);
        if (_tensors.Count == 0)
            throw PyTorchError.Bad(path, "it holds no tensor");
        var names = _tensors.Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        if (names.Count != _tensors.Count)
            throw PyTorchError.Bad(
                path,
                $"joined with dots, two of its tensors are named {_tensors.GroupBy(t => t.Key).First(g => g.Count() > 1).Key}"
            );
        return new ResolvedState(part == All ? _tensors : WithoutPrefix(_tensors), _notes);
    }

    private object? Choose(object? root, string part)
    {
        var parts = Parts(root).ToList();
        if (root is PickledDict dict && dict.TryGet(part, out var chosen) && Count(chosen) > 0)
            return chosen;
        var known = parts.Count == 0 ? "It has no parts." : $"Its parts are {string.Join(", ", parts.Take(20).Select(p => p.Key))}.";
        throw new RecipesException($"{path} has no part '{part}' with tensors{Nearest.End(part, parts.Select(p => p.Key))} {known}");
    }

    // Goes down while exactly one part can be the weights; beside it only training state and single numbers may lie.
    private object? Descend(object? value, List<string> trail)
    {
        while (value is PickledDict dict)
        {
            var parts = Parts(dict).ToList();
            var candidates = parts.Where(p => p.Value is PickledDict && Weights.Contains(p.Key)).ToList();
            if (candidates.Count == 0)
                break;
            var others = parts.Where(p => !candidates.Contains(p) && !IsTrainingState(p)).ToList();
            if (candidates.Count + others.Count > 1)
            {
                var shown = candidates.Concat(others).Take(20).Select(p => $"{p.Key} ({Count(p.Value)} tensors)");
                throw new RecipesException(
                    $"{path}: several parts hold tensors; choose one (--part NAME, in code part), or '{All}' for all: {string.Join(", ", shown)}"
                );
            }
            trail.Add(candidates[0].Key);
            var left = dict.Where(p => p.Key is not string key || key != candidates[0].Key).Take(12).Select(p => $"{p.Key}").ToList();
            if (left.Count > 0)
                _notes.Add($"left out: {string.Join(", ", left)}{(dict.Count > 13 ? ", …" : "")}");
            value = candidates[0].Value;
        }
        if (trail.Count > 0)
            _notes.Insert(0, $"taken: {string.Join('.', trail)}");
        return value;
    }

    private IEnumerable<(string Key, object? Value)> Parts(object? value) =>
        value is PickledDict dict ? dict.Where(p => p.Key is string && Count(p.Value) > 0).Select(p => ((string)p.Key!, p.Value)) : [];

    // torch's own examples save the best accuracy as a tensor beside the weights.
    private static bool IsTrainingState((string Key, object? Value) part) =>
        part.Value is PyTorchTensor tensor
            ? tensor.Shape.All(s => s == 1)
            : TrainingState.Any(word => part.Key.Contains(word, StringComparison.OrdinalIgnoreCase));

    private int Count(object? value) => Count(value, new HashSet<object>(ReferenceEqualityComparer.Instance), 0);

    // What is shared is counted once, so that this ends however the file nests it.
    private int Count(object? value, HashSet<object> seen, int depth)
    {
        Visit(depth);
        if (value is PyTorchTensor)
            return 1;
        if (depth == Deepest || value is not (PickledDict or IReadOnlyList<object?>) || !seen.Add(value))
            return 0;
        return Children(value).Sum(c => Count(c.Value, seen, depth + 1));
    }

    private static IEnumerable<(object? Key, object? Value)> Children(object value) =>
        value is PickledDict dict
            ? dict.Select(p => (p.Key, p.Value))
            : ((IReadOnlyList<object?>)value).Select((v, i) => ((object?)(long)i, v));

    private void Flatten(object? value, string name, int depth)
    {
        Visit(depth);
        if ((_characters += name.Length) > MostNameCharacters)
            throw PyTorchError.Bad(path, "its tensors' names are longer than any weights need");
        if (value is PyTorchTensor tensor)
            _tensors.Add(KeyValuePair.Create(name.Length == 0 ? "tensor" : name, tensor));
        else if (value is PickledDict or IReadOnlyList<object?>)
        {
            foreach (var (key, child) in Children(value))
                Flatten(child, name.Length == 0 ? $"{Short(key)}" : $"{name}.{Short(key)}", depth + 1);
        }
    }

    private void Visit(int depth)
    {
        if (++_visited > MostVisited || depth > Deepest)
            throw PyTorchError.Bad(path, $"what it holds is nested deeper than {Deepest}, or has more than {MostVisited} parts");
    }

    // A key may be anything, and may be long; a name is text or a number.
    private string Short(object? key) =>
        key switch
        {
            string { Length: <= 1000 } text => text,
            long or bool or null => $"{key}",
            _ => throw PyTorchError.Bad(path, "a key of a dictionary is neither a short text nor an integer"),
        };

    // DataParallel, compiled and averaged models put their own name before every other.
    private List<KeyValuePair<string, PyTorchTensor>> WithoutPrefix(List<KeyValuePair<string, PyTorchTensor>> tensors)
    {
        foreach (var prefix in Prefixes)
        {
            var wrapped = tensors.Where(t => t.Key != "n_averaged").ToList();
            if (
                wrapped.Count == 0
                || !wrapped.TrueForAll(t => t.Key.Length > prefix.Length && t.Key.StartsWith(prefix, StringComparison.Ordinal))
            )
                continue;
            _notes.Add($"prefix taken off: {prefix}");
            return WithoutPrefix(wrapped.ConvertAll(t => KeyValuePair.Create(t.Key[prefix.Length..], t.Value)));
        }
        return tensors;
    }
}
