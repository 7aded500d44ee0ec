using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>What all layers of a decoder share in an exported graph: <see cref="DecoderPass"/> with the cache as inputs and outputs.</summary>
/// <param name="Cosine"><c>[B, 1, T, D/2]</c>.</param>
/// <param name="Sine">The same shape.</param>
/// <param name="Mask">0 where a query sees a key, minus infinity elsewhere, <c>[B, 1, T, S]</c>.</param>
/// <param name="Past">Keys and values of earlier tokens, of each layer <c>[B, K, P, D]</c>.</param>
/// <param name="Present">Keys and values of all tokens, of each layer that has been described <c>[B, K, S, D]</c>.</param>
internal sealed record OnnxPass(
    OnnxValue Cosine,
    OnnxValue Sine,
    OnnxValue Mask,
    IReadOnlyList<(OnnxValue Keys, OnnxValue Values)> Past,
    List<(OnnxValue Keys, OnnxValue Values)> Present
)
{
    /// <summary>Prepares a pass as <see cref="DecoderPass"/> does. The rotary table is a constant of the graph, one row for each position.</summary>
    /// <param name="valid">1 for tokens, 0 for padding, of earlier and new tokens, int64 <c>[B, S]</c>.</param>
    /// <param name="tokens">T, the new ones.</param>
    /// <param name="context">Positions that the table has.</param>
    /// <param name="frequencies">Rotary angles per position.</param>
    /// <param name="past">The cache.</param>
    public static OnnxPass Prepare(
        OnnxValue valid,
        OnnxDim tokens,
        long context,
        Tensor frequencies,
        IReadOnlyList<(OnnxValue, OnnxValue)> past
    )
    {
        var graph = valid.Graph;
        var zero = graph.Constant([0], scalar: true);
        var places = (valid.CumSum(1) - 1).Max(zero).Last(1, tokens); // [B, T]
        using var scope = NewDisposeScope();
        var rotary = RotaryTable.Of(arange(context, dtype: ScalarType.Int64), frequencies, ScalarType.Float32);
        OnnxValue Rows(string name, Tensor table) => graph.Derived(name, table).Gather(places).Unsqueeze(1);
        return new OnnxPass(Rows("rotary.cosine", rotary.Cosine), Rows("rotary.sine", rotary.Sine), Visible(valid, tokens), past, []);
    }

    /// <summary>Turns queries or keys <c>[B, heads, T, D]</c>.</summary>
    public OnnxValue Turn(OnnxValue heads)
    {
        var halves = heads.Chunk(2, -1);
        var (a, b) = (halves[0], halves[1]);
        return heads.Graph.Concat(-1, a * Cosine - b * Sine, b * Cosine + a * Sine);
    }

    // A query sees the valid keys up to itself; padding sees itself.
    private static OnnxValue Visible(OnnxValue valid, OnnxDim tokens)
    {
        var graph = valid.Graph;
        var keys = graph.Range(valid.Shape[1]); // [S]
        var queries = keys.Last(0, tokens).Unsqueeze(1); // [T, 1]
        var seen = keys.AtMost(queries).And(valid.To(ScalarType.Bool).Unsqueeze(1).Unsqueeze(1)).Or(keys.Equal(queries));
        return seen.Where(graph.Scalar(0, ScalarType.Float32), graph.Scalar(double.NegativeInfinity, ScalarType.Float32));
    }
}
