using Recipes.Layers;
using Recipes.Onnx;
using Recipes.Training;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>What a masked autoencoder made of a batch; the tensors are the caller's.</summary>
/// <param name="Loss">Mean over the hidden patches of the mean squared error of a patch, a scalar.</param>
/// <param name="Predicted">All patches as the decoder has them, <c>[B, T, 3·P²]</c>, in normalised pixels where the spec says so.</param>
/// <param name="Hidden">1 for hidden patches, 0 for seen ones, <c>[B, T]</c>.</param>
public sealed record MaeOutput(Tensor Loss, Tensor Predicted, Tensor Hidden);

/// <summary>The masked autoencoder of <see cref="MaeSpec"/>.</summary>
/// <remarks>
/// The encoder sees the visible patches alone; the decoder sees their tokens at their places and one learned token at all others, and
/// predicts pixels. Keys <c>encoder</c>, <c>mask_token</c>, <c>decoder_embed</c>, <c>decoder_blocks</c>, <c>decoder_norm</c>, <c>decoder_pred</c>.
/// The decoder's positions are the fixed sines of the paper; the encoder's table starts as these and is learned, as in PlainVit.
/// </remarks>
public sealed class Mae : Module<Tensor, Tensor, MaeOutput>, IRebuildable, IMaskedModel, ITowers, IOnnxParts
{
    private const double Epsilon = 1e-6;

    [ComponentName(Name = "encoder")]
    private readonly PlainVit _encoder;

    [ComponentName(Name = "mask_token")]
    private readonly Parameter _hidden;

    [ComponentName(Name = "decoder_embed")]
    private readonly Linear _embed;

    [ComponentName(Name = "decoder_blocks")]
    private readonly Module<Tensor, Tensor> _blocks;

    [ComponentName(Name = "decoder_norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "decoder_pred")]
    private readonly Linear _pixels;

    /// <summary>Puts a decoder on an encoder, which is taken over with its weights.</summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="encoder">The encoder; now this network's.</param>
    /// <exception cref="RecipesException">Values are out of range; all problems together.</exception>
    public Mae(MaeSpec spec, PlainVit encoder)
        : base(spec.Name)
    {
        RecipesException.ThrowIfAny($"{spec.Name} cannot be built:", spec.Problems());
        (Spec, _encoder) = (spec, encoder);
        var width = spec.DecoderWidth;
        _hidden = Parameters.Normal(0.02, 1, 1, width);
        _embed = Linear(spec.Encoder.Width, width);
        _blocks = Modules.Numbered(
            Enumerable.Range(0, spec.DecoderLayers).Select(_ => new TransformerLayer(width, spec.DecoderHeads, causal: false))
        );
        _norm = LayerNorm(width);
        _pixels = Linear(width, 3L * spec.Encoder.Patch * spec.Encoder.Patch);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public MaeSpec Spec { get; }

    /// <summary>The encoder, a network of its own: this very module learns.</summary>
    public PlainVit Encoder => _encoder;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => _encoder.Probe;

    /// <summary>One: images, of which the first patches are seen, to all patches as the decoder has them.</summary>
    public IReadOnlyList<Tower> Towers => [Tower.Images(parameters().Sum(p => p.numel()), Predict)];

    /// <summary>One: the encoder, for that is what goes on; images to feature maps <c>[B, D, R/P, R/P]</c>.</summary>
    /// <inheritdoc/>
    public IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null)
    {
        var size = resolution ?? Spec.Resolution;
        return
        [
            OnnxPart.Images(
                (3, size, size),
                "features",
                (graph, images) => graph.In(_encoder, () => _encoder.Maps(graph, images)[0]),
                images => _encoder.Maps(images)[0]
            ),
        ];
    }

    /// <inheritdoc/>
    public Module Rebuild() => new Mae(Spec, new PlainVit(Spec.Encoder));

    /// <summary>Hides patches and predicts them.</summary>
    /// <param name="images"><c>[B, 3, R, R]</c>.</param>
    /// <param name="noise"><c>[B, T]</c>: the patches with the smallest numbers are seen.</param>
    public override MaeOutput forward(Tensor images, Tensor noise)
    {
        using var scope = NewDisposeScope();
        var (batch, tokens, seen) = (images.shape[0], noise.shape[1], Spec.Visible);
        var order = noise.argsort(1);
        var keep = order[TensorIndex.Colon, ..(int)seen];
        var hidden = ones(batch, tokens, dtype: images.dtype, device: images.device).scatter(1, keep, zeros_like(keep).to(images.dtype));

        var visible = _embed.call(_encoder.Encode(images, keep)); // [B, K, E]
        var shuffled = cat([visible, _hidden.expand(batch, tokens - seen, -1)], 1);
        var places = order.argsort(1).unsqueeze(-1).expand(-1, -1, Spec.DecoderWidth);
        var side = (int)(images.shape[2] / Spec.Encoder.Patch);
        var decoded = shuffled.gather(1, places) + SinePositions.Table(side, (int)tokens / side, Spec.DecoderWidth).to(images);
        var predicted = _pixels.call(_norm.call(_blocks.call(decoded)));

        var errors = (predicted - Targets(images)).square().mean([-1]); // [B, T]
        var loss = (errors * hidden).sum() / hidden.sum();
        return new MaeOutput(loss.MoveToOuterDisposeScope(), predicted.MoveToOuterDisposeScope(), hidden.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public Tensor Loss(Tensor images, Rng random)
    {
        using var scope = NewDisposeScope();
        return forward(images, Noise(images, random)).Loss.MoveToOuterDisposeScope();
    }

    /// <summary>Numbers that decide what is hidden, <c>[B, T]</c>, on the images' device; the same stream gives the same.</summary>
    public Tensor Noise(Tensor images, Rng random)
    {
        var tokens = Tokens(images);
        var numbers = new float[images.shape[0] * tokens];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (float)random.NextDouble();
        return tensor(numbers, [images.shape[0], tokens], device: images.device);
    }

    /// <summary>The pixels of each patch, row after row of pixels, red, green and blue of each: <c>[B, T, P²·3]</c>.</summary>
    public Tensor Patches(Tensor images)
    {
        using var scope = NewDisposeScope();
        var (batch, patch) = (images.shape[0], Spec.Encoder.Patch);
        var (rows, columns) = (images.shape[2] / patch, images.shape[3] / patch);
        return images
            .reshape(batch, 3, rows, patch, columns, patch)
            .permute(0, 2, 4, 3, 5, 1)
            .reshape(batch, rows * columns, 3L * patch * patch)
            .MoveToOuterDisposeScope();
    }

    internal static Mae Fresh(MaeSpec spec)
    {
        var encoder = new PlainVit(spec.Encoder);
        var side = spec.Encoder.ImageSize / spec.Encoder.Patch;
        using var table = SinePositions.Table(side, side, spec.Encoder.Width);
        encoder.StartPositions(table);
        return new Mae(spec, encoder);
    }

    private long Tokens(Tensor images) => images.shape[2] / Spec.Encoder.Patch * (images.shape[3] / Spec.Encoder.Patch);

    private Tensor Predict(Tensor images)
    {
        using var scope = NewDisposeScope();
        var order = arange(Tokens(images), dtype: ScalarType.Float32, device: images.device).expand(images.shape[0], -1);
        return forward(images, order).Predicted.MoveToOuterDisposeScope();
    }

    // What is to be predicted: pixels, of each patch with mean 0 and variance 1.
    private Tensor Targets(Tensor images)
    {
        using var _ = no_grad();
        var patches = Patches(images);
        if (!Spec.NormalizedPixels)
            return patches;
        var mean = patches.mean([-1], keepdim: true);
        return (patches - mean) / (patches.var(-1, unbiased: true, keepdim: true) + Epsilon).sqrt();
    }
}
