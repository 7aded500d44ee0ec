using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What networks of images and captions have in common: two towers, normalised embeddings, and the factor of their products.</summary>
public abstract class ImageTextNetwork
    : Module<Tensor, Tensor, (Tensor Image, Tensor Text, Tensor Scale)>,
        IRebuildable,
        ITowers,
        IImageText
{
    private protected ImageTextNetwork(string name)
        : base(name) { }

    /// <inheritdoc/>
    public abstract ImagePreprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<Tower> Towers { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<long> Probe { get; }

    /// <summary>Features of images, not normalised: <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    public abstract Tensor ImageFeatures(Tensor images);

    /// <summary>Features of captions, not normalised: token ids <c>[N, 77]</c> to <c>[N, D]</c>.</summary>
    public abstract Tensor TextFeatures(Tensor tokens);

    /// <inheritdoc/>
    public abstract Tensor Scale();

    /// <inheritdoc/>
    public abstract Module Rebuild();

    /// <summary>Normalised image embeddings: <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    public Tensor EncodeImage(Tensor images) => Tower.Normalised(ImageFeatures(images));

    /// <summary>Normalised text embeddings: token ids <c>[N, 77]</c> to <c>[N, D]</c>.</summary>
    public Tensor EncodeText(Tensor tokens) => Tower.Normalised(TextFeatures(tokens));

    /// <inheritdoc/>
    public override (Tensor Image, Tensor Text, Tensor Scale) forward(Tensor images, Tensor tokens) =>
        (EncodeImage(images), EncodeText(tokens), Scale());
}
