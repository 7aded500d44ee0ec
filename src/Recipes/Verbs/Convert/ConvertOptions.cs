using Recipes.Models;

namespace Recipes.Verbs;

/// <summary>How weights are converted.</summary>
public sealed record ConvertOptions
{
    /// <summary>The network whose names, shapes and dtypes the file must have, train-time or folded.</summary>
    /// <value>Default null: the file is not compared with any.</value>
    public NetworkSpec? Model { get; init; }

    /// <summary>Whether the network is built, loaded, folded, and saved in its folded form; needs <see cref="Model"/>.</summary>
    /// <value>Default false.</value>
    public bool Fold { get; init; }

    /// <summary>How the network is exported, where the output is an ONNX file.</summary>
    /// <value>Default null: the defaults.</value>
    public ExportOptions? Export { get; init; }

    /// <summary>The part of a PyTorch checkpoint to take, such as <c>state_dict_ema</c>; <c>.</c> for all.</summary>
    /// <value>Default null: the only part that can be meant.</value>
    public string? Part { get; init; }
}
