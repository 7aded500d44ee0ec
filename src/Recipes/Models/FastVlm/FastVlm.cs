using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// FastVLM: a Qwen2 that also reads images. Keys are those of the official checkpoints: <c>model.vision_tower.vision_tower.model</c>,
/// <c>model.mm_projector</c>, and Qwen2's. Checkpoints hold the encoder folded; <c>Load</c> folds it then.
/// </summary>
/// <remarks>
/// As a <see cref="Decoder"/> it maps token ids to logits. With images: <see cref="EncodeImages(Tensor)"/>, <see cref="Splice"/> into the
/// row, then <see cref="Decoder.Hidden"/> and <see cref="Decoder.Logits(Tensor)"/>.
/// </remarks>
public sealed partial class FastVlm : Qwen2, INamedElsewhere
{
    /// <summary>The id that stands for an image in a row of token ids; LLaVA's sentinel.</summary>
    public const long ImageToken = Qwen2Tokenizer.Image;

    // In tuples, because these are parts of the body and not of this module.
    private readonly (FastVit Vision, MlpProjector Connector) _parts;

    /// <summary>Builds the network; the encoder in its train-time form.</summary>
    public FastVlm(FastVlmSpec spec)
        : this(spec, (FastVit)spec.Vision.BuildPart(), new MlpProjector(spec.Vision.FeatureWidth, spec.Language.Width)) { }

    private FastVlm(FastVlmSpec spec, FastVit vision, MlpProjector connector)
        : base(spec.Language with { Name = spec.Name }, [("vision_tower", Wrapped(vision)), ("mm_projector", connector)]) =>
        (Parts, _parts) = (spec, (vision, connector));

    /// <summary>What the network was built from; <see cref="Decoder.Spec"/> is its language model's.</summary>
    public FastVlmSpec Parts { get; }

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("transformers", key => TransformersNames.FastVlm(key, Parts.Vision))];

    /// <summary>The image encoder, a network of its own.</summary>
    public FastVit Vision => _parts.Vision;

    /// <summary>The connector, a network of its own.</summary>
    public MlpProjector Connector => _parts.Connector;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Probe => [2, 3, 4 * Parts.Vision.Stride, 4 * Parts.Vision.Stride];

    /// <inheritdoc/>
    public override IReadOnlyList<Tower> Towers
    {
        get
        {
            var image = Vision.parameters().Concat(Connector.parameters()).Sum(p => p.numel());
            var language = base.Towers[0];
            return [Tower.Images(image, EncodeImages), language with { Parameters = language.Parameters - image }];
        }
    }

    /// <summary>0.5B: FastViTHD and Qwen2-0.5B.</summary>
    public static new FastVlmSpec B05() => Variant("fastvlm_0.5b", Qwen2.B05());

    /// <summary>1.5B: FastViTHD and Qwen2-1.5B.</summary>
    public static new FastVlmSpec B15() => Variant("fastvlm_1.5b", Qwen2.B15());

    /// <summary>7B: FastViTHD and Qwen2-7B.</summary>
    public static new FastVlmSpec B7() => Variant("fastvlm_7b", Qwen2.B7());

    /// <summary>Images as tokens of the language model: <c>[N, 3, R, R]</c> in [0, 1] to <c>[N, T, H]</c>, row after row of the map.</summary>
    /// <remarks>T is (R/64)²: 256 at 1024 pixels.</remarks>
    public Tensor EncodeImages(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Connector.call(Vision.Tokens(images)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The tiles of one large image (<see cref="AnyRes"/>) as its tokens: <c>[N, 3, R, R]</c> in [0, 1] to <c>[N·T, H]</c>, tile after tile.
    /// </summary>
    /// <remarks>One tile at a time, in the memory of one.</remarks>
    public Tensor EncodeTiles(Tensor tiles)
    {
        using var scope = NewDisposeScope();
        return cat([.. tiles.split(1).Select(EncodeImages)], 1).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Puts the tokens of images into rows of text, each at its <see cref="ImageToken"/>, as LLaVA does: padding is taken out first,
    /// rows become as long as the longest, padded at the end and cut at <see cref="FastVlmSpec.Context"/>.
    /// </summary>
    /// <param name="ids">Token ids int64 <c>[B, T]</c> with sentinels.</param>
    /// <param name="images">One <c>[Tᵢ, H]</c> for each sentinel, in the order of the rows; any length each.</param>
    /// <param name="mask">1 for tokens, 0 for padding, <c>[B, T]</c>; null where nothing is padding.</param>
    /// <param name="labels">What each token should be followed by, or -100, <c>[B, T]</c>; null for generation.</param>
    /// <returns>Embeddings, mask and labels; the caller's to dispose.</returns>
    /// <exception cref="RecipesException">Shapes or the number of images do not fit, or ids are outside the vocabulary.</exception>
    public SplicedRows Splice(Tensor ids, IReadOnlyList<Tensor> images, Tensor? mask = null, Tensor? labels = null) =>
        new Splicing(this, ids, images, mask, labels).Run();

    /// <inheritdoc/>
    public override Module Rebuild() => Modules.FoldedAlike(this, new FastVlm(Parts));

    private static FastVlmSpec Variant(string name, Qwen2Spec language) => new() { Name = name, Language = language };

    // The official tower wraps its network twice.
    private static NamedPart Wrapped(FastVit vision) => new("vision_tower", new NamedPart("model", vision));
}
