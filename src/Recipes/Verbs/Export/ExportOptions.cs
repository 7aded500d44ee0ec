using System.Collections.Immutable;
using Recipes.Data;

namespace Recipes.Verbs;

/// <summary>How a model is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>The oldest opset that the graphs can be written for.</summary>
    public const int OldestOpset = 13;

    /// <summary>The newest.</summary>
    public const int NewestOpset = 17;

    /// <summary>Version of ONNX's operators, 13 to 17.</summary>
    /// <value>Default 17.</value>
    public int Opset { get; init; } = NewestOpset;

    /// <summary>
    /// Axes whose size is known only when the graph runs, such as <c>batch</c>, <c>height</c>, <c>width</c>. Null: the batch, and
    /// the resolution where the architecture allows it.
    /// </summary>
    /// <value>Default null.</value>
    public ImmutableArray<string>? Dynamic { get; init; }

    /// <summary>Pixels a side of the images, where they are fixed, and of the images on which the graph is checked.</summary>
    /// <value>Default null: the paper's.</value>
    public int? Resolution { get; init; }

    /// <summary>Shape of one sample, without the batch, for a module that is not of the zoo.</summary>
    /// <value>Default null.</value>
    public ImmutableArray<long>? Input { get; init; }

    /// <summary>The only part to export, such as <c>image</c>; then the file's name is kept as it is.</summary>
    /// <value>Default null: all parts, each in a file of its own.</value>
    public string? Part { get; init; }

    /// <summary>Names of the classes, in order; they go into the file.</summary>
    /// <value>Default null.</value>
    public ImmutableArray<string>? Labels { get; init; }

    /// <summary>What images go through before the network sees them; it goes into the file.</summary>
    /// <value>Default null: what the spec says.</value>
    public ImagePreprocessing? Preprocessing { get; init; }

    /// <summary>Whether each file is run in ONNX Runtime and compared with the model, at two batches and, where dynamic, two resolutions.</summary>
    /// <value>Default false.</value>
    public bool Check { get; init; }

    /// <summary>Largest difference of outputs that the check allows, over the largest output.</summary>
    /// <value>Default 1e-4.</value>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Bytes of weights from which on they go to a file beside the model's; a model file holds at most 2 GiB.</summary>
    /// <value>Default 1.9 GiB.</value>
    public long LargestFile { get; init; } = Onnx.OnnxFile.MostInside;
}
