using static TorchSharp.torch;

namespace Recipes.Onnx;

/// <summary>A constant of a graph; its values are read when the file is written.</summary>
/// <param name="Name">The key of the state dict, where it stands there.</param>
/// <param name="Tensor">The values, of any layout.</param>
internal sealed record OnnxWeight(string Name, Tensor Tensor)
{
    public long Bytes => Tensor.numel() * Tensor.ElementSize;
}
