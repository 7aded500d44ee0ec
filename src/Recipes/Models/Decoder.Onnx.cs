using Recipes.Layers;
using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Models;

// One graph for the prompt and for each further token: the cache goes in and comes out. Names are those of transformers' exports.
public abstract partial class Decoder
{
    private static readonly OnnxDim Tokens = OnnxDim.Named("tokens");
    private static readonly OnnxDim Earlier = OnnxDim.Named("past");
    private static readonly OnnxDim Total = OnnxDim.Named("total");

    // A prompt, a token of two rows that follows six, and some tokens that follow others.
    private static readonly IReadOnlyList<IReadOnlyDictionary<string, long>> Trials = [Sizes(1, 5, 0), Sizes(2, 1, 6), Sizes(2, 3, 4)];

    /// <inheritdoc/>
    public virtual IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null) =>
        [Language(OnnxInput.Ids("input_ids", Spec.Vocabulary, OnnxPart.Batch, Tokens), Lookup, Embed)];

    /// <summary>The decoder as a graph, from token ids or what stands for them, mask and cache to logits and cache.</summary>
    /// <param name="input">What comes first.</param>
    /// <param name="describe">From it to embeddings.</param>
    /// <param name="embed">The same in torch.</param>
    private protected OnnxPart Language(OnnxInput input, Func<OnnxGraph, OnnxValue, OnnxValue> describe, Func<Tensor, Tensor> embed)
    {
        OnnxInput Cached(string name) => OnnxInput.Floats(name, OnnxPart.Batch, Spec.KeyHeads, Earlier, Spec.HeadWidth);
        var layers = Enumerable.Range(0, Spec.Layers).ToList();
        return new OnnxPart(
            "language",
            OnnxPart.OneSample,
            [
                input,
                new OnnxInput("attention_mask", ScalarType.Int64, size => ones(size, dtype: ScalarType.Int64), OnnxPart.Batch, Total),
                .. layers.SelectMany(i => (OnnxInput[])[Cached($"past_key_values.{i}.key"), Cached($"past_key_values.{i}.value")]),
            ],
            (graph, x) =>
            {
                var past = layers.ConvertAll(i => (x[2 + 2 * i], x[3 + 2 * i]));
                var pass = OnnxPass.Prepare(x[1], Tokens, Spec.Context, Frequencies, past);
                var logits = Logits(graph, Run(graph, describe(graph, x[0]), pass));
                return
                [
                    ("logits", logits),
                    .. pass.Present.SelectMany(
                        (p, i) => ((string, OnnxValue)[])[($"present.{i}.key", p.Keys), ($"present.{i}.value", p.Values)]
                    ),
                ];
            },
            x => Step(embed(x[0]), [.. x.Skip(2)])
        )
        {
            Trials = Trials,
        };
    }

    // What the graph computes, with a cache that is filled from tensors.
    private List<Tensor> Step(Tensor embeds, IReadOnlyList<Tensor> past)
    {
        using var cache = Cache();
        for (var i = 0; i < Spec.Layers; i++)
            cache.Append(i, past[2 * i], past[2 * i + 1]);
        cache.Advance(past[0].shape[2], null);
        var logits = Logits(Hidden(embeds, null, cache));
        return [logits, .. Enumerable.Range(0, Spec.Layers).SelectMany(cache.Copy)];
    }

    private static Dictionary<string, long> Sizes(long batch, long tokens, long past) =>
        new(StringComparer.Ordinal)
        {
            ["batch"] = batch,
            ["tokens"] = tokens,
            ["past"] = past,
            ["total"] = tokens + past,
        };

    /// <summary>The embedding table's rows, in ONNX.</summary>
    internal abstract OnnxValue Lookup(OnnxGraph graph, OnnxValue ids);

    /// <summary>The layers and the last norm, in ONNX.</summary>
    internal abstract OnnxValue Run(OnnxGraph graph, OnnxValue embeds, OnnxPass pass);

    /// <summary>Logits of hidden states, in ONNX.</summary>
    internal abstract OnnxValue Logits(OnnxGraph graph, OnnxValue hidden);
}
