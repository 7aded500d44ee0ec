using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Layers;

// Raw parameters of modules. One made inside a dispose scope would die with it.
internal static class Parameters
{
    /// <summary>A parameter of one value.</summary>
    public static Parameter Full(double value, params long[] shape) => new(full(shape, value).DetachFromDisposeScope());

    /// <summary>FastViT's initialisation of a layer: weights of deviation 0.02, cut at ±2, and no bias.</summary>
    public static void Initialize(Tensor weight, Tensor? bias)
    {
        using var _ = no_grad();
        nn.init.trunc_normal_(weight, 0, 0.02, -2, 2);
        bias?.zero_();
    }

    /// <summary>A parameter of truncated normal numbers, cut at two standard deviations.</summary>
    public static Parameter Normal(double deviation, params long[] shape)
    {
        var values = empty(shape);
        using (no_grad())
            nn.init.trunc_normal_(values, 0, deviation, -2 * deviation, 2 * deviation);
        return new Parameter(values.DetachFromDisposeScope());
    }
}
