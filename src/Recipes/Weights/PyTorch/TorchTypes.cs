namespace Recipes.Weights;

/// <summary>PyTorch's names of storages and dtypes.</summary>
internal static class TorchTypes
{
    private static readonly Dictionary<string, Dtype?> Storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = Weights.Dtype.F32,
        ["torch.DoubleStorage"] = Weights.Dtype.F64,
        ["torch.HalfStorage"] = Weights.Dtype.F16,
        ["torch.BFloat16Storage"] = Weights.Dtype.BF16,
        ["torch.LongStorage"] = Weights.Dtype.I64,
        ["torch.IntStorage"] = Weights.Dtype.I32,
        ["torch.ShortStorage"] = Weights.Dtype.I16,
        ["torch.CharStorage"] = Weights.Dtype.I8,
        ["torch.ByteStorage"] = Weights.Dtype.U8,
        ["torch.BoolStorage"] = Weights.Dtype.BOOL,
        ["torch.ComplexFloatStorage"] = Weights.Dtype.C64,
        ["torch.UntypedStorage"] = null,
        ["torch.storage.UntypedStorage"] = null,
        ["torch.storage._UntypedStorage"] = null,
    };

    private static readonly Dictionary<string, Dtype?> Dtypes = new(StringComparer.Ordinal)
    {
        ["torch.float32"] = Weights.Dtype.F32,
        ["torch.float64"] = Weights.Dtype.F64,
        ["torch.float16"] = Weights.Dtype.F16,
        ["torch.bfloat16"] = Weights.Dtype.BF16,
        ["torch.int64"] = Weights.Dtype.I64,
        ["torch.int32"] = Weights.Dtype.I32,
        ["torch.int16"] = Weights.Dtype.I16,
        ["torch.int8"] = Weights.Dtype.I8,
        ["torch.uint8"] = Weights.Dtype.U8,
        ["torch.uint16"] = Weights.Dtype.U16,
        ["torch.uint32"] = Weights.Dtype.U32,
        ["torch.uint64"] = Weights.Dtype.U64,
        ["torch.bool"] = Weights.Dtype.BOOL,
        ["torch.complex64"] = Weights.Dtype.C64,
        ["torch.float8_e4m3fn"] = Weights.Dtype.F8_E4M3,
        ["torch.float8_e5m2"] = Weights.Dtype.F8_E5M2,
        ["torch.float8_e4m3fnuz"] = Weights.Dtype.F8_E4M3FNUZ,
        ["torch.float8_e5m2fnuz"] = Weights.Dtype.F8_E5M2FNUZ,
        ["torch.float8_e8m0fnu"] = Weights.Dtype.F8_E8M0,
        ["torch.complex128"] = null,
        ["torch.complex32"] = null,
    };

    /// <summary>A storage type or dtype.</summary>
    public static bool IsKnown(string name) => Storages.ContainsKey(name) || Dtypes.ContainsKey(name);

    /// <summary>The format's type of a dtype's name; null where it has none.</summary>
    public static Dtype? Dtype(string name) => Dtypes.GetValueOrDefault(name);

    /// <summary>The element type of a storage, null for raw bytes; false for a name that is no storage.</summary>
    public static bool TryStorage(string name, out Dtype? dtype) => Storages.TryGetValue(name, out dtype);

    /// <summary>The storage type, without its module, that holds elements of a dtype.</summary>
    /// <exception cref="RecipesException">PyTorch has none.</exception>
    public static string StorageOf(Dtype dtype) =>
        Storages.FirstOrDefault(s => s.Value == dtype).Key is { } name
            ? name["torch.".Length..]
            : throw new RecipesException($"PyTorch has no storage of {dtype}; convert the array to F32 or BF16.");

    /// <summary>Bytes of one element of a storage.</summary>
    public static int Size(Dtype? dtype) => dtype is { } type ? type.Bits() / 8 : 1;
}
