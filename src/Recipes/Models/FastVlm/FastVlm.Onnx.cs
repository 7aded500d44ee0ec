using Recipes.Data;
using Recipes.Onnx;

namespace Recipes.Models;

// Three graphs: images to tokens, ids to embeddings, embeddings to logits. Between them the tokens are spliced into the row.
public sealed partial class FastVlm
{
    /// <inheritdoc/>
    public override IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null)
    {
        var (batch, tokens) = (OnnxPart.Batch, OnnxDim.Named("tokens"));
        long side = resolution ?? Parts.Resolution;
        return
        [
            OnnxPart.Images((3, side, side), "image_features", EncodeImages, EncodeImages) with
            {
                Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["preprocessing"] = CanonicalJson.Of(ImagePreprocessing.FastVlm((int)side)).ToJsonString(),
                },
            },
            new OnnxPart(
                "embed",
                OnnxPart.OneSample,
                [OnnxInput.Ids("input_ids", Spec.Vocabulary, batch, tokens)],
                (graph, x) => [("inputs_embeds", Lookup(graph, x[0]))],
                x => [Embed(x[0])]
            ),
            Language(OnnxInput.Floats("inputs_embeds", batch, tokens, Spec.Width), (_, embeds) => embeds, embeds => embeds),
        ];
    }

    private OnnxValue EncodeImages(OnnxGraph graph, OnnxValue images)
    {
        var features = graph.In(Vision, () => Vision.Features(graph, images));
        return graph.Call(Connector, features.Flatten(2).Transpose(1, 2));
    }
}
