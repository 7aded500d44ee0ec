using static TorchSharp.torch;

namespace Recipes.Weights;

/// <summary>
/// An element type of the safetensors format, under the format's own name. The order is the format's: increasing
/// alignment, so that a file laid out from the last to the first keeps every tensor aligned.
/// </summary>
public enum Dtype
{
    /// <summary>One byte, 0 or 1.</summary>
    BOOL,

    /// <summary>4-bit float (MX, E2M1), two to a byte.</summary>
    F4,

    /// <summary>6-bit float, 2 exponent and 3 mantissa bits, packed.</summary>
    F6_E2M3,

    /// <summary>6-bit float, 3 exponent and 2 mantissa bits, packed.</summary>
    F6_E3M2,

    /// <summary>8-bit unsigned integer.</summary>
    U8,

    /// <summary>8-bit signed integer.</summary>
    I8,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits.</summary>
    F8_E5M2,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits.</summary>
    F8_E4M3,

    /// <summary>8-bit power of two (MX scales).</summary>
    F8_E8M0,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, no negative zero.</summary>
    F8_E4M3FNUZ,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits, no negative zero.</summary>
    F8_E5M2FNUZ,

    /// <summary>16-bit signed integer.</summary>
    I16,

    /// <summary>16-bit unsigned integer.</summary>
    U16,

    /// <summary>IEEE half.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a float32.</summary>
    BF16,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>32-bit unsigned integer.</summary>
    U32,

    /// <summary>IEEE single.</summary>
    F32,

    /// <summary>Complex of two singles.</summary>
    C64,

    /// <summary>IEEE double.</summary>
    F64,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>64-bit unsigned integer.</summary>
    U64,
}

/// <summary>Sizes of the format's element types, and the ones that TorchSharp has too.</summary>
public static class DtypeExtensions
{
    private static readonly Dictionary<string, Dtype> ByName = Enum.GetValues<Dtype>()
        .ToDictionary(d => d.ToString(), StringComparer.Ordinal);

    /// <summary>The names that the format knows.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The element type of this name (exact, as in a file's header).</summary>
    public static bool TryParse(string name, out Dtype dtype) => ByName.TryGetValue(name, out dtype);

    /// <summary>Bits per element: 4 and 6 for the packed types, else a multiple of 8.</summary>
    public static int Bits(this Dtype dtype) =>
        dtype switch
        {
            Dtype.F4 => 4,
            Dtype.F6_E2M3 or Dtype.F6_E3M2 => 6,
            <= Dtype.F8_E5M2FNUZ => 8,
            <= Dtype.BF16 => 16,
            <= Dtype.F32 => 32,
            _ => 64,
        };

    /// <summary>The same type in torch; null where TorchSharp has none (unsigned 16, 32, 64 bits and the 4- to 8-bit floats).</summary>
    public static ScalarType? ToTorch(this Dtype dtype) =>
        dtype switch
        {
            Dtype.BOOL => ScalarType.Bool,
            Dtype.U8 => ScalarType.Byte,
            Dtype.I8 => ScalarType.Int8,
            Dtype.I16 => ScalarType.Int16,
            Dtype.F16 => ScalarType.Float16,
            Dtype.BF16 => ScalarType.BFloat16,
            Dtype.I32 => ScalarType.Int32,
            Dtype.F32 => ScalarType.Float32,
            Dtype.C64 => ScalarType.ComplexFloat32,
            Dtype.F64 => ScalarType.Float64,
            Dtype.I64 => ScalarType.Int64,
            _ => null,
        };

    /// <summary>The format's type for a torch type; null for those that the format lacks (complex128, quantized).</summary>
    public static Dtype? ToDtype(this ScalarType type) =>
        type switch
        {
            ScalarType.Bool => Dtype.BOOL,
            ScalarType.Byte => Dtype.U8,
            ScalarType.Int8 => Dtype.I8,
            ScalarType.Int16 => Dtype.I16,
            ScalarType.Float16 => Dtype.F16,
            ScalarType.BFloat16 => Dtype.BF16,
            ScalarType.Int32 => Dtype.I32,
            ScalarType.Float32 => Dtype.F32,
            ScalarType.ComplexFloat32 => Dtype.C64,
            ScalarType.Float64 => Dtype.F64,
            ScalarType.Int64 => Dtype.I64,
            _ => null,
        };
}
