using static TorchSharp.torch;

namespace Recipes.Onnx;

/// <summary>An input of an exported graph.</summary>
/// <param name="Name">As runtimes see it.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Sample">Values that the model accepts, for sides that are given.</param>
/// <param name="Shape">Its sides; named ones are dynamic, or fixed when the graph is exported.</param>
public sealed record OnnxInput(string Name, ScalarType Type, Func<long[], Tensor> Sample, params IReadOnlyList<OnnxDim> Shape)
{
    /// <summary>An input of real numbers.</summary>
    public static OnnxInput Floats(string name, params IReadOnlyList<OnnxDim> shape) =>
        new(name, ScalarType.Float32, size => rand(size), shape);

    /// <summary>An input of token ids; each row of its samples ends in the largest one, CLIP's end token.</summary>
    public static OnnxInput Ids(string name, long count, params IReadOnlyList<OnnxDim> shape) =>
        new(
            name,
            ScalarType.Int64,
            size =>
            {
                var ids = randint(0, count - 1, size, dtype: ScalarType.Int64);
                ids.narrow(1, size[1] - 1, 1).fill_(count - 1);
                return ids;
            },
            shape
        );
}

/// <summary>A graph that a model can be exported as. A model of several towers has one for each.</summary>
/// <param name="Name">Such as <c>image</c>; it goes into the file's name where a model has several parts.</param>
/// <param name="Sizes">What named sides are when they are fixed; those that are not here are always dynamic.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Describe">From inputs to named outputs.</param>
/// <param name="Run">The same in torch, for comparison.</param>
public sealed record OnnxPart(
    string Name,
    IReadOnlyDictionary<string, long> Sizes,
    IReadOnlyList<OnnxInput> Inputs,
    Func<OnnxGraph, IReadOnlyList<OnnxValue>, IReadOnlyList<(string Name, OnnxValue Value)>> Describe,
    Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> Run
)
{
    /// <summary>The axis of samples.</summary>
    public static OnnxDim Batch { get; } = OnnxDim.Named("batch");

    /// <summary>Sizes of a graph whose only fixed axis, where asked for, is a batch of one.</summary>
    public static IReadOnlyDictionary<string, long> OneSample { get; } =
        new Dictionary<string, long>(StringComparer.Ordinal) { ["batch"] = 1 };

    /// <summary>A graph of images <c>[batch, C, height, width]</c>, called <c>image</c>, with one output.</summary>
    /// <param name="size">C, and the sides in pixels where they are fixed.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="describe">From images to it.</param>
    /// <param name="run">The same in torch.</param>
    public static OnnxPart Images(
        (long Channels, long Height, long Width) size,
        string output,
        Func<OnnxGraph, OnnxValue, OnnxValue> describe,
        Func<Tensor, Tensor> run
    ) =>
        new(
            "image",
            new Dictionary<string, long>(OneSample, StringComparer.Ordinal) { ["height"] = size.Height, ["width"] = size.Width },
            [OnnxInput.Floats("images", Batch, size.Channels, OnnxDim.Named("height"), OnnxDim.Named("width"))],
            (graph, x) => [(output, describe(graph, x[0]))],
            x => [run(x[0])]
        );

    /// <summary>Sizes of all axes at which the graph is to be compared with the model; null where any sizes fit each other.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, long>>? Trials { get; init; }

    /// <summary>What the file says of the part, beside what it says of the model.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of all sides that are no numbers.</summary>
    public IReadOnlyList<string> Axes =>
        [.. Inputs.SelectMany(i => i.Shape).Where(d => !d.IsKnown).Select(d => d.Symbol!).Distinct(StringComparer.Ordinal)];
}

/// <summary>A model that is exported otherwise than as one graph from one tensor to one.</summary>
public interface IOnnxParts
{
    /// <summary>Its graphs, in the order of use.</summary>
    /// <param name="resolution">Pixels a side where they are fixed; null for the paper's. Without a meaning for models without images.</param>
    IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null);
}

/// <summary>A side had to be a number and was not.</summary>
internal sealed class OnnxDynamicException(string message) : RecipesException(message);
