using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A network of several towers, each with an input of its own.</summary>
public interface ITowers
{
    /// <summary>The towers, in the order of the inputs.</summary>
    IReadOnlyList<Tower> Towers { get; }
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
    internal static Tower Images(Module<Tensor, Tensor> network) =>
        new("image", network.parameters().Sum(p => p.numel()), network.call, size => zeros(1, 3, size, size));

    /// <summary>A tower of token ids.</summary>
    internal static Tower Texts(long parameters, Func<Tensor, Tensor> call, int context) =>
        new("text", parameters, call, _ => zeros([1, context], ScalarType.Int64));

    /// <summary>Features of length 1, <c>[B, D]</c>; disposes what it is given.</summary>
    internal static Tensor Normalised(Tensor features)
    {
        using (features)
            return functional.normalize(features, dim: -1);
    }
}
