namespace Recipes.Onnx;

/// <summary>
/// A layer that says what it means in ONNX. Export composes these by structure: a layer calls its parts through
/// <see cref="OnnxGraph.Call"/> in the same order as its forward pass. Convolutions, norms, linear layers and the like of
/// TorchSharp are known already; a layer of your own that is to be exported implements this.
/// </summary>
public interface IOnnxLayer
{
    /// <summary>Adds what the layer computes in evaluation mode, in the form (folded or not) that it has now.</summary>
    /// <param name="graph">Where nodes and weights go.</param>
    /// <param name="input">What the layer gets.</param>
    /// <returns>What it puts out.</returns>
    OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input);
}
