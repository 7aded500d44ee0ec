using System.Buffers.Binary;

namespace Recipes.Weights;

/// <summary>torch.save's format before PyTorch 1.6: five pickles (magic number, version, machine, the objects, the storages' keys),
/// then each storage's number of elements and its bytes.</summary>
internal sealed class LegacyCheckpoint
{
    private const int Version = 1001;
    private static readonly byte[] Magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];
    private readonly MappedFile _file;
    private readonly Dictionary<string, (PyTorchStorage Storage, Dtype? Type, long Elements)> _roots = new(StringComparer.Ordinal);

    private LegacyCheckpoint(MappedFile file) => _file = file;

    /// <summary>A file that begins like this is one.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length >= 2 + Magic.Length && start[0] == 0x80 && start.Slice(2, Magic.Length).SequenceEqual(Magic);

    /// <summary>The object tree.</summary>
    public static object? Read(MappedFile file) => new LegacyCheckpoint(file).Read();

    private object? Read()
    {
        var reader = new PickleReader(_file.Span(0, (int)Math.Min(_file.Length, Unpickler.LongestPickle)), _file.Path);
        var unpickler = new Unpickler(_file.Path, Storage);
        unpickler.Load(ref reader);
        if (unpickler.Load(ref reader) is not (long)Version)
            throw Bad($"its format is not version {Version}");
        if (unpickler.Load(ref reader) is not PickledDict machine || !machine.TryGet("little_endian", out var little) || little is not true)
            throw Bad("its numbers are not in little-endian order; save it on a little-endian machine");
        var tree = unpickler.Load(ref reader);
        if (unpickler.Load(ref reader) is not IReadOnlyList<object?> keys)
            throw Bad("the list of its storages is missing");
        Place(keys, reader.Position);
        return tree;
    }

    private PyTorchStorage Storage(object? id)
    {
        var (type, key, elements) = StorageId.Parse(_file.Path, id, out var rest);
        var size = TorchTypes.Size(type);
        if (!_roots.TryGetValue(key, out var root))
            _roots[key] = root = (new PyTorchStorage(_file, key, type, elements * size), type, elements);
        if (root.Type != type || root.Elements != elements)
            throw Bad($"the storage {key} stands twice, with different types or sizes");
        if (rest is not [object?[] view, ..])
            return root.Storage;
        if (view is not [_, long offset, long count] || offset < 0 || count < 0 || offset > elements - count)
            throw Bad($"a view of the storage {key} lies outside its {elements} elements");
        return new PyTorchStorage(_file, key, type, count * size, root.Storage, offset * size);
    }

    private void Place(IReadOnlyList<object?> keys, long at)
    {
        Span<byte> prefix = stackalloc byte[8];
        foreach (var given in keys)
        {
            if (
                $"{given as string ?? (given is long number ? $"{number}" : null)}" is not { Length: > 0 } key
                || !_roots.TryGetValue(key, out var root)
            )
                throw Bad("it lists a storage that no tensor uses");
            if (root.Storage.IsPlaced)
                throw Bad($"the storage {key} is listed twice");
            if (at > _file.Length - prefix.Length)
                throw Bad($"the storage {key} is missing (cut short?)");
            _file.CopyTo(at, prefix);
            at += prefix.Length;
            var elements = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (elements != root.Elements)
                throw Bad($"the storage {key} has {elements} elements, the pickle gives it {root.Elements}");
            if (root.Storage.Bytes > _file.Length - at)
                throw Bad($"the storage {key} has {root.Storage.Bytes} bytes, but only {_file.Length - at} follow (cut short?)");
            root.Storage.Start = at;
            at += root.Storage.Bytes;
        }
        if (_roots.FirstOrDefault(r => !r.Value.Storage.IsPlaced).Key is { } missing)
            throw Bad($"the storage {missing} is missing from its list");
    }

    private RecipesException Bad(string problem) => PyTorchError.Bad(_file.Path, problem);
}
