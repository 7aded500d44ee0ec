using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A network of several towers, each with an input of its own.</summary>
public interface ITowers
{
    /// <summary>The towers, in the order of the inputs.</summary>
    IReadOnlyList<Tower> Towers { get; }

    /// <summary>Every tower on its sample.</summary>
    /// <param name="size">Pixels a side of the images.</param>
    internal void Run(int size)
    {
        foreach (var tower in Towers)
            tower.Run(size).Dispose();
    }
}

/// <summary>One tower: its name, its parameters, what it computes, and an arbitrary sample for it.</summary>
/// <param name="Name">Such as <c>image</c>.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Call">From a batch to features.</param>
/// <param name="Sample">A batch of one; images have the given number of pixels a side.</param>
public sealed record Tower(string Name, long Parameters, Func<Tensor, Tensor> Call, Func<int, Tensor> Sample)
{
    /// <summary>The tower on its sample.</summary>
    public Tensor Run(int size)
    {
        using var sample = Sample(size);
        return Call(sample);
    }

    /// <summary>A tower of images.</summary>
    internal static Tower Images(Module<Tensor, Tensor> network) => Images(network.parameters().Sum(p => p.numel()), network.call);

    /// <summary>A tower of images, without a module of its own.</summary>
    internal static Tower Images(long parameters, Func<Tensor, Tensor> call) =>
        new("image", parameters, call, size => Noise([1, 3, size, size]));

    /// <summary>A tower of token ids.</summary>
    internal static Tower Texts(long parameters, Func<Tensor, Tensor> call, int context) =>
        new("text", parameters, call, _ => Ids(context));

    private static Tensor Ids(int context)
    {
        using var ids = arange(context, dtype: ScalarType.Int64);
        return ids.unsqueeze(0);
    }

    // The same numbers every time.
    private static Tensor Noise(long[] shape)
    {
        using var generator = new Generator(0);
        return randn(shape, generator: generator);
    }

    /// <summary>Features of length 1, <c>[B, D]</c>; disposes what it is given.</summary>
    internal static Tensor Normalised(Tensor features)
    {
        using (features)
            return functional.normalize(features, dim: -1);
    }
}
