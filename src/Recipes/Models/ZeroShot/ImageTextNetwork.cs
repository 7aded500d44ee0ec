using System.Globalization;
using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What networks of images and captions have in common: two towers, normalised embeddings, and the factor of their products.</summary>
public abstract class ImageTextNetwork
    : Module<Tensor, Tensor, (Tensor Image, Tensor Text, Tensor Scale)>,
        IRebuildable,
        ITowers,
        IImageText,
        IOnnxParts
{
    private protected ImageTextNetwork(string name)
        : base(name) { }

    /// <inheritdoc/>
    public abstract ImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<Tower> Towers { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<long> Probe { get; }

    /// <summary>The image encoder, a network of its own; what gives it a head for dense prediction trains this very module.</summary>
    public abstract Module<Tensor, Tensor> Image { get; }

    /// <summary>Features of images, not normalised: <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    public abstract Tensor ImageFeatures(Tensor images);

    /// <summary>Features of captions, not normalised: token ids <c>[N, 77]</c> to <c>[N, D]</c>.</summary>
    public abstract Tensor TextFeatures(Tensor tokens);

    /// <inheritdoc/>
    public abstract Tensor Scale();

    /// <inheritdoc/>
    public abstract Module Rebuild();

    /// <summary>Both towers, each with normalised embeddings.</summary>
    public IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null)
    {
        long size = resolution ?? Preprocessing.Resolution;
        return
        [
            OnnxPart.Images((3, size, size), "image_embeds", (graph, images) => ImageFeatures(graph, images).Normalized(), EncodeImage) with
            {
                Metadata = Facts(("preprocessing", CanonicalJson.Of(Preprocessing).ToJsonString())),
            },
            new OnnxPart(
                "text",
                OnnxPart.OneSample,
                [OnnxInput.Ids("input_ids", Captions.Vocabulary, OnnxPart.Batch, Captions.Context)],
                (graph, x) => [("text_embeds", TextFeatures(graph, x[0]).Normalized())],
                x => [EncodeText(x[0])]
            )
            {
                Metadata = Facts(),
            },
        ];
    }

    // Both embeddings' product times this is a logit.
    private Dictionary<string, string> Facts(params IEnumerable<(string Key, string Text)> more)
    {
        using var scale = Scale();
        var facts = more.ToDictionary(m => m.Key, m => m.Text, StringComparer.Ordinal);
        facts["logit_scale"] = scale.item<float>().ToString("R", CultureInfo.InvariantCulture);
        return facts;
    }

    /// <inheritdoc/>
    public int Context => Captions.Context;

    /// <summary>How many token ids the text tower knows, and tokens a caption has.</summary>
    private protected abstract (int Vocabulary, int Context) Captions { get; }

    /// <summary><see cref="ImageFeatures(Tensor)"/> in ONNX.</summary>
    private protected abstract OnnxValue ImageFeatures(OnnxGraph graph, OnnxValue images);

    /// <summary><see cref="TextFeatures(Tensor)"/> in ONNX.</summary>
    private protected abstract OnnxValue TextFeatures(OnnxGraph graph, OnnxValue tokens);

    /// <summary>Normalised image embeddings: <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    public Tensor EncodeImage(Tensor images) => Tower.Normalised(ImageFeatures(images));

    /// <summary>Normalised text embeddings: token ids <c>[N, 77]</c> to <c>[N, D]</c>.</summary>
    public Tensor EncodeText(Tensor tokens) => Tower.Normalised(TextFeatures(tokens));

    /// <inheritdoc/>
    public override (Tensor Image, Tensor Text, Tensor Scale) forward(Tensor images, Tensor tokens) =>
        (EncodeImage(images), EncodeText(tokens), Scale());
}
