using static TorchSharp.torch;

namespace Recipes.Onnx;

// Element types by ONNX's numbers (onnx.proto, TensorProto.DataType).
internal static class OnnxTypes
{
    private static readonly Dictionary<ScalarType, int> Numbers = new()
    {
        [ScalarType.Float32] = 1,
        [ScalarType.Byte] = 2,
        [ScalarType.Int8] = 3,
        [ScalarType.Int16] = 5,
        [ScalarType.Int32] = 6,
        [ScalarType.Int64] = 7,
        [ScalarType.Bool] = 9,
        [ScalarType.Float16] = 10,
        [ScalarType.Float64] = 11,
        [ScalarType.BFloat16] = 16,
    };

    public static int Number(this ScalarType type) =>
        Numbers.TryGetValue(type, out var number)
            ? number
            : throw new RecipesException(
                $"ONNX has no element type for {type}. Convert the model first, for example with to(ScalarType.Float32)."
            );

    public static ScalarType Of(int number) =>
        Numbers.FirstOrDefault(p => p.Value == number) is { Value: > 0 } known
            ? known.Key
            : throw new RecipesException($"there is no tensor of ONNX's element type {number} here.");
}
