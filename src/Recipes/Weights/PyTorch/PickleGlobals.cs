using System.Buffers.Binary;
using System.Text;

namespace Recipes.Weights;

/// <summary>The names that a checkpoint may use, and what they stand for here. Every other name is refused.</summary>
internal sealed class PickleGlobals(string path)
{
    private static readonly HashSet<string> Rebuilders =
    [
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch._tensor._rebuild_from_type_v2",
    ];

    private static readonly HashSet<string> Dictionaries =
    [
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.Counter",
        "builtins.dict",
        "argparse.Namespace",
        "types.SimpleNamespace",
    ];

    private static readonly HashSet<string> Lists =
    [
        "builtins.set",
        "builtins.frozenset",
        "builtins.list",
        "builtins.tuple",
        "torch.Size",
        "collections.deque",
    ];

    // Kept by name, with nothing of their content: parts of optimizer and random states, never weights.
    private static readonly HashSet<string> Named =
    [
        "torch.Tensor",
        "torch.nn.parameter.Parameter",
        "torch.nn.parameter.Buffer",
        "torch.device",
        "numpy.dtype",
        "numpy.ndarray",
        "builtins.int",
        "builtins.float",
        "builtins.complex",
        "builtins.bytearray",
        "_codecs.encode",
    ];

    private static readonly HashSet<string> NumpyFunctions = ["scalar", "_reconstruct"];

    // What calls copy in all: a call takes a few bytes of the pickle, whatever the size of what it copies.
    private const long MostCopied = 1 << 25;
    private const int LongestName = 100;
    private long _copied;

    /// <summary>What a name stands for.</summary>
    /// <exception cref="RecipesException">It is not one of those that weights consist of.</exception>
    public PickledName Find(string module, string name)
    {
        var full = $"{(module == "__builtin__" ? "builtins" : module)}.{name}";
        var known =
            Rebuilders.Contains(full)
            || Dictionaries.Contains(full)
            || Lists.Contains(full)
            || Named.Contains(full)
            || TorchTypes.IsKnown(full)
            || (module is "numpy.core.multiarray" or "numpy._core.multiarray" && NumpyFunctions.Contains(name));
        return known ? new PickledName(full) : throw Refused(full);
    }

    /// <summary>What a call of one of the names gives.</summary>
    public object? Call(object? callable, object? arguments)
    {
        if (callable is not PickledName { Name: var name } || arguments is not object?[] args)
            throw Bad("the pickle calls something that is no name, or with arguments that are no tuple");
        if (Rebuilders.Contains(name))
            return Rebuild(name, args);
        if (Dictionaries.Contains(name))
            return Dictionary(args);
        if (Lists.Contains(name))
            return args.Length > 0 && args[0] is IReadOnlyList<object?> ? args[0] : new List<object?>();
        return name switch
        {
            "torch.device" => new PickledName(string.Join(':', args.Take(2).Select(Short))),
            "numpy.dtype" => new PickledName($"numpy.{Short(args.FirstOrDefault())}"),
            "_codecs.encode" when args is [string text, "latin1" or "latin-1"] => Bytes(text),
            "builtins.bytearray" when args is [byte[] bytes] => bytes,
            "builtins.bytearray" when args is [string text, ..] => Bytes(text),
            "builtins.bytearray" when args.Length == 0 => Array.Empty<byte>(),
            "builtins.complex" when args is [double real, double imaginary] => new System.Numerics.Complex(real, imaginary),
            _ when name.EndsWith(".multiarray.scalar", StringComparison.Ordinal) => Scalar(args),
            _ when name.EndsWith(".multiarray._reconstruct", StringComparison.Ordinal) => new PickledName("numpy.ndarray"),
            _ => throw Bad($"the pickle calls {name} with arguments that it does not take"),
        };
    }

    /// <summary>Gives an object its state: attributes of dictionaries, tensors and arrays are of no use here.</summary>
    public void Build(object? target, object? state)
    {
        if (target is PickledDict { Count: 0 } space && state is PickledDict attributes && !IsMetadata(attributes))
        {
            Spend(attributes.Count);
            foreach (var (key, value) in attributes)
                space.Set(key, value);
        }
        else if (target is not (PickledDict or PyTorchTensor or PickledName))
        {
            throw Bad("the pickle sets the state of something that has none");
        }
    }

    // An empty OrderedDict with the attribute that torch gives it stays empty; an argparse.Namespace gets its values.
    private static bool IsMetadata(PickledDict attributes) => attributes.Count == 1 && attributes.TryGet("_metadata", out _);

    private PickledDict Dictionary(object?[] args)
    {
        if (args.LastOrDefault() is PickledDict given)
            return given;
        var dict = new PickledDict();
        if (args.FirstOrDefault() is IReadOnlyList<object?> pairs)
        {
            Spend(pairs.Count);
            foreach (var pair in pairs)
            {
                if (pair is not IReadOnlyList<object?> { Count: 2 } both)
                    throw Bad("the pickle makes a dictionary of something that is no list of pairs");
                dict.Set(both[0], both[1]);
            }
        }
        return dict;
    }

    private object? Rebuild(string name, object?[] args)
    {
        if (name.EndsWith("_rebuild_from_type_v2", StringComparison.Ordinal))
            return args is [PickledName { Name: var inner }, PickledName, object?[] rest, ..] && inner.Contains("._rebuild_tensor")
                ? Rebuild(inner, rest)
                : throw Bad("the file holds a tensor of a type of its own; save plain tensors");
        if (name.Contains("_rebuild_parameter"))
            return args.Length > 0 && args[0] is PyTorchTensor data ? data : throw Bad("the file holds a parameter without a tensor");
        if (
            args.Length < 4
            || args[0] is not PyTorchStorage storage
            || args[1] is not long offset
            || Numbers(args[2]) is not { } shape
            || Numbers(args[3]) is not { } strides
        )
            throw Bad("the file holds a tensor whose storage, offset, size or stride cannot be read");
        Spend((2 * shape.Length) + 16);
        var version3 = name.EndsWith("_v3", StringComparison.Ordinal);
        if (args.ElementAtOrDefault(version3 ? 7 : 6) is PickledDict { Count: > 0 })
            throw Bad("the file holds a tensor that is a conjugated or negated view; save t.resolve_conj().resolve_neg()");
        Dtype? type = storage.Dtype;
        if (version3)
            type = args.ElementAtOrDefault(6) is PickledName { Name: var dtype } ? TorchTypes.Dtype(dtype) : null;
        if (type is null)
            throw Bad(
                $"the file holds a tensor of {(version3 ? args.ElementAtOrDefault(6) : storage)?.ToString() ?? "no dtype"}, which safetensors and this library do not have"
            );
        var problem = PyTorchTensor.TryCreate(storage, type.Value, shape, strides, offset, out var tensor);
        return problem is null ? tensor : throw Bad(problem);
    }

    private void Spend(long items)
    {
        _copied += items;
        if (_copied > MostCopied)
            throw Bad("the pickle makes more of itself than any weights need");
    }

    private byte[] Bytes(string latin1)
    {
        Spend(latin1.Length);
        return Encoding.Latin1.GetBytes(latin1);
    }

    private static string Short(object? value) =>
        value switch
        {
            string { Length: <= LongestName } text => text,
            long number => $"{number}",
            _ => "?",
        };

    private static long[]? Numbers(object? value) =>
        value is IReadOnlyList<object?> list && list.Count <= 1024 && list.All(n => n is long) ? [.. list.Cast<long>()] : null;

    private static object? Scalar(object?[] args) =>
        args switch
        {
            [PickledName { Name: "numpy.f8" }, byte[] { Length: 8 } b] => BinaryPrimitives.ReadDoubleLittleEndian(b),
            [PickledName { Name: "numpy.f4" }, byte[] { Length: 4 } b] => (double)BinaryPrimitives.ReadSingleLittleEndian(b),
            [PickledName { Name: "numpy.i8" }, byte[] { Length: 8 } b] => BinaryPrimitives.ReadInt64LittleEndian(b),
            [PickledName { Name: "numpy.i4" }, byte[] { Length: 4 } b] => (long)BinaryPrimitives.ReadInt32LittleEndian(b),
            [PickledName { Name: "numpy.b1" }, byte[] { Length: 1 } b] => b[0] != 0,
            _ => new PickledName("a scalar of numpy"),
        };

    private RecipesException Refused(string name)
    {
        var what =
            name.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal)
                ? "a sparse, quantized or otherwise special tensor. Make it a plain one"
            : name.StartsWith("torch.", StringComparison.Ordinal) && name.EndsWith("Storage", StringComparison.Ordinal)
                ? "elements that safetensors and this library do not have. Convert the tensors"
            : "not among what weights consist of; a whole model or an object of a program is code, and code is never run here. Save the tensors alone";
        return Bad($"it names {name}: {what} where the file was made, torch.save(model.state_dict(), PATH)");
    }

    private RecipesException Bad(string problem) => PyTorchError.Bad(path, problem);
}
