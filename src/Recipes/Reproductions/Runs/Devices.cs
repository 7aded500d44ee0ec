using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>The meaning of <c>--device</c>.</summary>
public static class Devices
{
    /// <summary>The words that <see cref="Choose"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "cpu", "cuda"];

    /// <summary>The device of a word; <c>auto</c> is CUDA where there is one.</summary>
    /// <exception cref="RecipesException">The word is unknown, or there is no CUDA here.</exception>
    public static Device Choose(string name) =>
        name switch
        {
            "cpu" => CPU,
            "auto" => cuda.is_available() ? CUDA : CPU,
            "cuda" when cuda.is_available() => CUDA,
            "cuda" => throw new RecipesException(
                "--device cuda: this libtorch sees no CUDA device. Use --device cpu, or swap the package libtorch-cpu for a CUDA build (README, Devices)."
            ),
            _ => throw new RecipesException($"--device {name}: expected {string.Join(", ", Names)}{Nearest.End(name, Names)}"),
        };
}
