using static TorchSharp.torch;

namespace Recipes.Layers;

// Stochastic depth: in training a residual branch is left out for a sample, and scaled up where it is kept.
internal static class DropPath
{
    /// <summary>The branch, or zero for the share <paramref name="rate"/> of samples; itself in evaluation and at rate 0.</summary>
    public static Tensor Apply(Tensor branch, double rate, bool training)
    {
        if (!training || rate == 0)
            return branch;
        using var keep = rand(branch.shape[0], dtype: branch.dtype, device: branch.device).ge(rate).to(branch.dtype).div_(1 - rate);
        return branch * keep.reshape([branch.shape[0], .. Enumerable.Repeat(1L, (int)branch.dim() - 1)]);
    }
}
