using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Verbs;

// The inputs on which a part is timed.
internal sealed record BenchSizes(string Label, IReadOnlyDictionary<string, long> Axes)
{
    private const string Batch = "batch";
    private const long Other = 4; // an axis that says nothing of its size, such as the points of a prompt

    /// <summary>The axis that counts samples.</summary>
    public static string BatchAxis(OnnxPart part) => part.Axes.Contains(Batch) ? Batch : part.Axes[0];

    /// <summary>Decoders: the prompt, and the step after it. Others: one.</summary>
    public static IEnumerable<BenchSizes> Of(OnnxPart part, int batch, int tokens)
    {
        var axes = part.Axes.ToDictionary(a => a, a => part.Sizes.GetValueOrDefault(a, Other), StringComparer.Ordinal);
        axes[BatchAxis(part)] = batch;
        if (!IsDecoder(part))
        {
            if (axes.ContainsKey("tokens"))
                axes["tokens"] = tokens;
            return [new BenchSizes(LabelOf(part.Inputs[0], axes), axes)];
        }
        Dictionary<string, long> Pass(long count, long past) =>
            new(axes, StringComparer.Ordinal)
            {
                ["tokens"] = count,
                ["past"] = past,
                ["total"] = count + past,
            };
        return [new($"prompt of {tokens}", Pass(tokens, 0)), new($"token {tokens + 1}", Pass(1, tokens))];
    }

    public static bool IsDecoder(OnnxPart part) => part.Axes.Contains("past");

    /// <summary>Inputs of these sizes, the same every time.</summary>
    public IReadOnlyList<Tensor> Inputs(OnnxPart part)
    {
        manual_seed(7);
        return [.. part.Inputs.Select(i => i.Sample([.. i.Shape.Select(d => d.Symbol is { } axis ? Axes[axis] : d.Size)]))];
    }

    private static string LabelOf(OnnxInput input, Dictionary<string, long> axes)
    {
        var sides = input.Shape.Select(d => d.Symbol is { } axis ? axes[axis] : d.Size).ToList();
        return sides switch
        {
            [_, _, var height, var width] => height == width ? $"{height} px" : $"{height} x {width} px",
            [_, var count] when input.Type == ScalarType.Int64 => $"{count} tokens",
            _ => string.Join(" x ", sides.Skip(1)),
        };
    }
}
