using Recipes.Data;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Where official weights come from, and as what.</summary>
public sealed record PretrainedOptions
{
    /// <summary>A file to load instead of the official one.</summary>
    /// <value>Default null: the file of the catalog, in the cache.</value>
    public string? Path { get; init; }

    /// <summary>Whether the user accepts the weights' terms, so that what is not here may be downloaded.</summary>
    /// <value>Default false: nothing is downloaded.</value>
    public bool AcceptLicence { get; init; }

    /// <summary>The type of the weights; null keeps the file's.</summary>
    /// <value>Default null.</value>
    public ScalarType? Type { get; init; }

    /// <summary>Whether branches are folded once the weights are in, as the official loaders do.</summary>
    /// <value>Default true.</value>
    public bool Fold { get; init; } = true;

    /// <summary>How to download.</summary>
    public DataGetOptions Download { get; init; } = new();
}
