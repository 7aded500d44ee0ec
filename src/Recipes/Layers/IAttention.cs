using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>A layer that multiplies activations with activations, which counting weights would miss.</summary>
public interface IAttention
{
    /// <summary>Multiply-accumulates of q·kᵀ and of the weights with v, for one sample of a batch of this input.</summary>
    long ProductMacs(Tensor input);
}
