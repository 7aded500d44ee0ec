using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>In which type losses are computed.</summary>
internal static class Precise
{
    /// <summary>Half-precision numbers as float32; float32 and float64 as they are.</summary>
    public static Tensor Wide(this Tensor numbers) =>
        numbers.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? numbers.to(ScalarType.Float32) : numbers;
}
