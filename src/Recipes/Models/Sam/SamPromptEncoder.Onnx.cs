using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Models;

public sealed partial class SamPromptEncoder
{
    /// <summary>
    /// The tokens of points and corners of boxes in ONNX. Labels are those of segment-anything's own export: 1 on the object, 0
    /// beside it, 2 and 3 the corners of a box, -1 padding.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="points">In pixels of the encoder's input, <c>[P, N, 2]</c>.</param>
    /// <param name="labels">int64 <c>[P, N]</c>.</param>
    /// <param name="height">Rows of the input, in pixels.</param>
    /// <param name="width">Columns of the input.</param>
    /// <returns><c>[P, N, C]</c>.</returns>
    internal OnnxValue Sparse(OnnxGraph graph, OnnxValue points, OnnxValue labels, long height, long width)
    {
        using var scope = NewDisposeScope();
        var size = graph.Derived("size", tensor(new float[] { width, height }));
        var tokens = graph.In(_positions, () => _positions.ToOnnx(graph, (points + 0.5) / size));
        var label = labels.Unsqueeze(-1); // [P, N, 1]
        tokens = label.Equal(graph.Scalar(-1, ScalarType.Int64)).Where(graph.Weight("not_a_point_embed.weight", _padding.weight!), tokens);
        for (var kind = 0; kind < _kinds.Count; kind++)
        {
            var placed = tokens + graph.Weight($"point_embeddings.{kind}.weight", _kinds[kind].weight!);
            tokens = label.Equal(graph.Scalar(kind, ScalarType.Int64)).Where(placed, tokens);
        }
        return tokens;
    }

    /// <summary>The map of masks where there are any, else the embedding that says that there is none, in ONNX.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="masks">Logits of earlier masks, <c>[P, 1, 4h, 4w]</c>.</param>
    /// <param name="given">1 or 0, <c>[1]</c>.</param>
    internal OnnxValue Dense(OnnxGraph graph, OnnxValue masks, OnnxValue given)
    {
        var none = graph.Weight("no_mask_embed.weight", _noMask.weight!).Reshape(1, -1, 1, 1);
        return given.Equal(graph.Scalar(0, ScalarType.Float32)).Where(none, graph.Call(_masks, masks));
    }
}
