using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Layers;

// Raw parameters of modules. One made inside a dispose scope would die with it.
internal static class Parameters
{
    /// <summary>How FastViT's layers start: deviation 0.02. The official code cuts at ±2, a hundred deviations away, where nothing is.</summary>
    public static Action<Tensor> FastVit { get; } = FreshWeights.Normal(0.02);

    /// <summary>A parameter of one value.</summary>
    public static Parameter Full(double value, params long[] shape) => new(full(shape, value).DetachFromDisposeScope());

    /// <summary>A parameter of truncated normal numbers, cut at two standard deviations.</summary>
    public static Parameter Normal(double deviation, params long[] shape) =>
        FreshWeights.Filled(shape, FreshWeights.TruncatedAtTwo(deviation));
}
