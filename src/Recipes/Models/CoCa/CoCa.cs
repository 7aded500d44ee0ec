using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A contrastive captioner (CoCa, arXiv 2205.01917): one pass gives the embeddings of images and captions and the next tokens of the captions. As in the paper
/// learned queries pool the image, and the first half of the decoder does not see it; unlike there the caption's embedding is taken at its end token, as in
/// CLIP, and not at a token of its own.
/// </summary>
/// <remarks>
/// Input images <c>[B, 3, R, R]</c> and token ids <c>[B, T]</c>, T up to the context; output embeddings <c>[B, E]</c>, length 1, and logits <c>[B, T, V]</c>.
/// Keys <c>logit_scale</c>, <c>image</c>, <c>pool</c>, <c>tokens</c>, <c>positions</c>, <c>text</c>, <c>decoder</c>, and of the heads <c>image_head</c>,
/// <c>text_norm</c>, <c>text_head</c>, <c>norm</c>, <c>head</c>.
/// </remarks>
public sealed partial class CoCa : Module<Tensor, Tensor, CaptionOutputs>, ICaptionDecoder, IImageText, IRebuildable, ITowers
{
    [ComponentName(Name = "logit_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "image")]
    private readonly Module<Tensor, Tensor> _image;

    [ComponentName(Name = "pool")]
    private readonly AttentionPooler _pool;

    [ComponentName(Name = "tokens")]
    private readonly TokenTable _tokens;

    [ComponentName(Name = "positions")]
    private readonly Parameter _positions;

    [ComponentName(Name = "text")]
    private readonly ModuleList<CaptionLayer> _text;

    [ComponentName(Name = "decoder")]
    private readonly ModuleList<CaptionLayer> _decoder;

    [ComponentName(Name = "image_head")]
    private readonly Linear _imageHead;

    [ComponentName(Name = "text_norm")]
    private readonly LayerNorm _textNorm;

    [ComponentName(Name = "text_head")]
    private readonly Linear _textHead;

    [ComponentName(Name = "norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "head")]
    private readonly Linear _head;

    /// <summary>Builds the network.</summary>
    /// <exception cref="RecipesException">Sizes do not fit, or the image encoder has no tokens.</exception>
    public CoCa(CoCaSpec spec)
        : base(spec.Name)
    {
        RecipesException.ThrowIfAny($"{spec.Name} cannot be built:", [.. spec.Problems()]);
        Spec = spec;
        _scale = Parameters.Full(Math.Log(1 / 0.07));
        _image = spec.Image.BuildPart();
        var channels =
            (_image as ITokenEncoder)?.TokenWidth
            ?? throw new RecipesException(
                $"{spec.Name}: expected an image encoder with tokens (FastViT, a plain ViT, CLIP's or SigLIP's), found {spec.Image.Name}."
            );
        var (width, heads) = (spec.Width, spec.Heads);
        _pool = new AttentionPooler(channels, width, heads, 1 + spec.Queries);
        _tokens = new TokenTable(spec.Vocabulary, width, FreshWeights.Normal(0.02));
        _positions = Parameters.Normal(0.01, spec.Context, width);
        _text = Stack(spec.TextLayers, sees: false);
        _decoder = Stack(spec.Layers, sees: true);
        (_textNorm, _norm) = (LayerNorm(width), LayerNorm(width));
        var projection = FreshWeights.Normal(Math.Pow(width, -0.5));
        _imageHead = FreshWeights.Linear(width, spec.Embedding, false, projection);
        _textHead = FreshWeights.Linear(width, spec.Embedding, false, projection);
        _head = FreshWeights.Linear(width, spec.Vocabulary, false, FreshWeights.Normal(0.02));
        RegisterComponents();

        ModuleList<CaptionLayer> Stack(int layers, bool sees) =>
            ModuleList([.. Enumerable.Range(0, layers).Select(_ => new CaptionLayer(width, heads, sees))]);
    }

    /// <summary>What the network was built from.</summary>
    public CoCaSpec Spec { get; }

    /// <inheritdoc/>
    public ImagePreprocessing Preprocessing => Spec.Preprocessing;

    /// <inheritdoc/>
    public int Context => Spec.Context;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, Spec.ImageSize, Spec.ImageSize];

    /// <inheritdoc/>
    public IReadOnlyList<Tower> Towers
    {
        get
        {
            long Count(params Module[] parts) => parts.Sum(m => m.parameters().Sum(p => p.numel()));
            var image = Count(_image, _pool, _imageHead);
            return
            [
                Tower.Images(image, EncodeImage),
                Tower.Texts(Count(this) - image - _scale.numel(), EncodeText, Math.Min(Spec.Context, Spec.Vocabulary)),
            ];
        }
    }

    /// <inheritdoc/>
    public Tensor Scale()
    {
        using var exponential = _scale.exp();
        return exponential.clamp(max: 100);
    }

    /// <inheritdoc/>
    public Tensor EncodeImage(Tensor images)
    {
        using var scope = NewDisposeScope();
        return ImageEmbedding(Pool(images)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor EncodeText(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return TextEmbedding(Text(tokens), tokens).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public CaptionOutputs Describe(Tensor images, Tensor tokens) => call(images, tokens);

    /// <inheritdoc/>
    public override CaptionOutputs forward(Tensor images, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (pooled, text) = (Pool(images), Text(tokens));
        var logits = Logits(text, Memories(pooled));
        return new CaptionOutputs(
            ImageEmbedding(pooled).MoveToOuterDisposeScope(),
            TextEmbedding(text, tokens).MoveToOuterDisposeScope(),
            logits.MoveToOuterDisposeScope()
        );
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new CoCa(Spec));

    // [B, 3, H, W] to [B, 1 + N, D]: the image as one vector, then as the decoder sees it.
    private Tensor Pool(Tensor images)
    {
        using var scope = NewDisposeScope();
        return _pool.call(((ITokenEncoder)_image).Tokens(images)).MoveToOuterDisposeScope();
    }

    // [R, T] to [R, T, D], through the layers that do not see images; with a cache, T is 1.
    private Tensor Text(Tensor tokens, KeyValueCache? cache = null)
    {
        TokenIds.CheckCaptions(tokens, Spec.Name, Spec.Vocabulary);
        var (past, length) = (cache?.Length ?? 0, tokens.shape[1]);
        if (past + length > Spec.Context)
            throw new RecipesException($"{Spec.Name}: captions have at most {Spec.Context} tokens; found {past + length}.");
        using var scope = NewDisposeScope();
        var x = _tokens.call(tokens) + _positions.narrow(0, past, length);
        foreach (var (layer, i) in _text.Select((layer, i) => (layer, i)))
            x = layer.call(x, new CaptionPass(null, cache, i));
        return x.MoveToOuterDisposeScope();
    }

    // Of the layers that see images; in the caller's scope.
    private List<CrossMemory?> Memories(Tensor pooled)
    {
        using var seen = pooled.narrow(1, 1, Spec.Queries);
        return [.. _decoder.Select(layer => layer.Memory(seen))];
    }

    // [R, T, D] to [R, T, V], through the layers that see images.
    private Tensor Logits(Tensor text, List<CrossMemory?> memories, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        var x = text;
        foreach (var (layer, i) in _decoder.Select((layer, i) => (layer, i)))
            x = layer.call(x, new CaptionPass(memories[i], cache, Spec.TextLayers + i));
        return _head.call(_norm.call(x)).MoveToOuterDisposeScope();
    }

    private Tensor ImageEmbedding(Tensor pooled) => Normal(_imageHead.call(pooled.select(1, 0)));

    // The largest id is that of the end token, which has seen the whole caption and no padding.
    private Tensor TextEmbedding(Tensor text, Tensor tokens)
    {
        var last = text[arange(tokens.shape[0], device: tokens.device), tokens.argmax(-1)]; // [B, D]
        return Normal(_textHead.call(_textNorm.call(last)));
    }

    private static Tensor Normal(Tensor features) => functional.normalize(features, dim: -1);
}
