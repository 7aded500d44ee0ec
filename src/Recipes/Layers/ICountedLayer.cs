using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>A layer with arithmetic that counting its convolutions and linear layers would miss.</summary>
public interface ICountedLayer
{
    /// <summary>Multiply-accumulates of activations with activations (q·kᵀ, the weights with v), for one sample of a batch of this input.</summary>
    long ProductMacs(Tensor input) => 0;

    /// <summary>The same of a layer that takes queries, keys and values.</summary>
    long ProductMacs(Tensor query, Tensor key) => 0;

    /// <summary>Multiply-accumulates with weights that are not in layers which are called, for one sample.</summary>
    long WeightMacs(Tensor input) => 0;
}
