using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>The middle of a SwiGLU feed-forward block.</summary>
public static class Gated
{
    /// <summary>silu(gate) · value, in as little memory as gradients allow.</summary>
    /// <param name="gate">Any shape; not changed.</param>
    /// <param name="value">The same shape; not changed.</param>
    public static Tensor Silu(Tensor gate, Tensor value)
    {
        using var scope = NewDisposeScope();
        var open = functional.silu(gate);
        var product = open.requires_grad || value.requires_grad ? open * value : open.mul_(value);
        return product.MoveToOuterDisposeScope();
    }
}
