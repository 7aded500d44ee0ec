using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>An image encoder and a text encoder with one joint embedding, as CLIP (arXiv 2103.00020) pairs them.</summary>
/// <remarks>
/// Input images <c>[B, 3, H, W]</c> and token ids <c>[N, T]</c>; output normalised embeddings <c>[B, D]</c> and <c>[N, D]</c>, and the factor of their
/// products. Keys <c>logit_scale</c>, <c>image</c>, <c>text</c>; within these the encoders' own.
/// </remarks>
public sealed class TwoTowers : ImageTextNetwork
{
    [ComponentName(Name = "logit_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "image")]
    private readonly Module<Tensor, Tensor> _image;

    [ComponentName(Name = "text")]
    private readonly Module<Tensor, Tensor> _text;

    /// <summary>Builds the train-time form.</summary>
    public TwoTowers(TwoTowersSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _scale = Parameters.Full(Math.Log(1 / 0.07));
        _image = spec.Image.BuildPart();
        _text = spec.Text.BuildPart(spec.Embedding);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public TwoTowersSpec Spec { get; }

    /// <summary>Any two encoders of the zoo.</summary>
    /// <param name="name">The network's name.</param>
    /// <param name="image">Its classes are the width of the joint embedding.</param>
    /// <param name="text">An encoder of MobileCLIP or of CLIP; CLIP's takes the image's width.</param>
    public static TwoTowersSpec Of(string name, ModelSpec image, TextSpec text) =>
        new()
        {
            Name = name,
            Image = image,
            Text = text is ClipTextSpec clip ? clip with { Embedding = image.Classes } : text,
        };

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Image => _image;

    /// <summary>The text encoder, a network of its own.</summary>
    public Module<Tensor, Tensor> Text => _text;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Probe => [2, 3, Spec.Resolution, Spec.Resolution];

    /// <inheritdoc/>
    public override IReadOnlyList<Tower> Towers =>
        [Tower.Images(_image), Tower.Texts(_text.parameters().Sum(p => p.numel()), _text.call, Spec.Context)];

    /// <inheritdoc/>
    public override ImagePreprocessing Preprocessing => Spec.Image.Preprocessing ?? ImagePreprocessing.MobileClip(Spec.Resolution);

    /// <inheritdoc/>
    public override Tensor ImageFeatures(Tensor images) => _image.call(images);

    /// <inheritdoc/>
    public override Tensor TextFeatures(Tensor tokens) => _text.call(tokens);

    /// <summary>The factor of the products of embeddings, exp(logit_scale), at most 100.</summary>
    public override Tensor Scale()
    {
        using var exponential = _scale.exp();
        return exponential.clamp(max: 100);
    }

    /// <inheritdoc/>
    private protected override (int Vocabulary, int Context) Captions => (Spec.Vocabulary, Spec.Context);

    /// <inheritdoc/>
    private protected override OnnxValue ImageFeatures(OnnxGraph graph, OnnxValue images) => graph.Call(_image, images);

    /// <inheritdoc/>
    private protected override OnnxValue TextFeatures(OnnxGraph graph, OnnxValue tokens) => graph.Call(_text, tokens);

    /// <inheritdoc/>
    public override Module Rebuild() => Modules.FoldedAlike(this, new TwoTowers(Spec));
}
