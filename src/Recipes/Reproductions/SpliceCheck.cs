using Recipes.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Reproductions;

/// <summary>Whether image tokens stand where they should, on FastVLM's true encoder, connector and embeddings with random weights.</summary>
/// <param name="Tokens">Tokens of the joined row.</param>
/// <param name="Misplaced">Embeddings that are not the word's or image token's that belongs there.</param>
/// <param name="Mislabelled">Labels that are not the word's own or, for image tokens, -100.</param>
/// <param name="Flattening">Largest difference between a token and the connector's output of its place in the map, row by row, relative.</param>
public sealed record SpliceCheck(int Tokens, int Misplaced, int Mislabelled, double Flattening)
{
    /// <summary>Encodes one random image of 256 pixels, splices it between words, and compares place by place.</summary>
    /// <param name="spec">The model; one layer of its language model is built.</param>
    public static SpliceCheck Measure(FastVlmSpec spec)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = (spec with { Language = spec.Language.WithLayers(1) }).Build();
        model.eval();
        var pixels = rand(1, 3, 4 * spec.Vision.Stride, 4 * spec.Vision.Stride);
        var image = model.EncodeImages(pixels).squeeze(0); // [T, H]
        var words = arange(11, 14, dtype: ScalarType.Int64);
        var ids = cat([words[..2], full([1], FastVlm.ImageToken, ScalarType.Int64), words[2..]]).unsqueeze(0);
        using var row = model.Splice(ids, [image], labels: ids.clamp_min(-100));
        var embeds = model.Embed(words.unsqueeze(0)).squeeze(0);
        var expected = cat([embeds[..2], image, embeds[2..]]);
        var labels = cat([words[..2], full([image.shape[0]], -100, ScalarType.Int64), words[2..]]);
        var places = model.Connector.call(model.Vision.Features(pixels).flatten(2).squeeze(0).transpose(0, 1));
        return new SpliceCheck(
            (int)row.Embeds.shape[1],
            (int)row.Embeds[0].ne(expected).any(1).sum().item<long>(),
            (int)row.Labels![0].ne(labels).sum().item<long>(),
            (places - image).abs().max().item<float>() / image.abs().max().item<float>()
        );
    }
}
