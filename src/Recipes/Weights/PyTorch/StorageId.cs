namespace Recipes.Weights;

/// <summary>How a pickle names a storage: <c>('storage', type, key, location, elements)</c>, in legacy files with a view behind.</summary>
internal static class StorageId
{
    private const long MostElements = long.MaxValue / 16;

    public static (Dtype? Type, string Key, long Elements) Parse(string path, object? id, out object?[] rest)
    {
        if (
            id is not object?[] { Length: >= 5 } parts
            || parts is not ["storage", PickledName { Name: var type }, var key, _, long elements, ..]
            || !TorchTypes.TryStorage(type, out var dtype)
            || key is not (string { Length: <= 100 } or long)
        )
            throw PyTorchError.Bad(path, "the pickle names a storage in a form that torch.save does not write");
        if (elements is < 0 or > MostElements)
            throw PyTorchError.Bad(path, $"the storage {key} claims {elements} elements");
        rest = parts[5..];
        return (dtype, $"{key}", elements);
    }
}
