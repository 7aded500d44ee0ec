using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>A network of several towers, each with an input of its own.</summary>
public interface ITowers
{
    /// <summary>The towers, in the order of the inputs.</summary>
    IReadOnlyList<Tower> Towers { get; }
}

/// <summary>One tower: its name, its parameters, and how it runs on one sample.</summary>
/// <param name="Name">Such as <c>image</c>.</param>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="Run">Runs the tower on one arbitrary sample; images have the given number of pixels a side.</param>
public sealed record Tower(string Name, long Parameters, Func<int, Tensor> Run);
