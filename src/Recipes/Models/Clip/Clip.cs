using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>CLIP; keys are those of OpenAI's checkpoints.</summary>
/// <remarks>
/// Input images <c>[B, 3, R, R]</c>, normalised by CLIP's mean and deviation, and token ids <c>[N, 77]</c>; output normalised embeddings
/// <c>[B, E]</c> and <c>[N, E]</c>, and the factor of their products.
/// </remarks>
public sealed class Clip : ImageTextNetwork
{
    [ComponentName(Name = "positional_embedding")]
    private readonly Parameter _positions;

    [ComponentName(Name = "text_projection")]
    private readonly Parameter _projection;

    [ComponentName(Name = "logit_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "visual")]
    private readonly ClipVision _visual;

    [ComponentName(Name = "transformer")]
    private readonly ClipTransformer _transformer;

    [ComponentName(Name = "token_embedding")]
    private readonly TokenTable _tokens;

    [ComponentName(Name = "ln_final")]
    private readonly LayerNorm _norm;

    /// <summary>Builds the network.</summary>
    public Clip(ClipSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        var text = spec.Text;
        _positions = Parameters.Normal(0.01, text.Context, text.Width);
        _projection = Parameters.Normal(Math.Pow(text.Width, -0.5), text.Width, text.Embedding);
        _scale = Parameters.Full(Math.Log(1 / 0.07));
        _visual = (ClipVision)spec.Vision.BuildPart();
        _transformer = new ClipTransformer(text.Layers, text.Width, text.Width / 64, text.Causal, text.Activation);
        _tokens = new TokenTable(text.Vocabulary, text.Width, FreshWeights.Normal(0.02));
        _norm = LayerNorm(text.Width);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public ClipSpec Spec { get; }

    /// <inheritdoc/>
    public override ClipVision Image => _visual;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Probe => [2, 3, Spec.Resolution, Spec.Resolution];

    /// <summary>ViT-B/16: 149.6 M parameters.</summary>
    public static ClipSpec VitB16 { get; } =
        new()
        {
            Name = "clip_vit_b_16",
            Patch = 16,
            VisionWidth = 768,
            VisionLayers = 12,
            Text = new ClipTextSpec(),
        };

    /// <summary>ViT-L/14: 427.6 M parameters.</summary>
    public static ClipSpec VitL14 { get; } =
        new()
        {
            Name = "clip_vit_l_14",
            Patch = 14,
            VisionWidth = 1024,
            VisionLayers = 24,
            Text = new ClipTextSpec { Width = 768, Embedding = 768 },
        };

    /// <summary>ViT-L/14 at 336 pixels, the image encoder of LLaVA-1.5.</summary>
    public static ClipSpec VitL14At336 { get; } = VitL14 with { Name = "clip_vit_l_14_336", ImageSize = 336 };

    /// <inheritdoc/>
    public override IReadOnlyList<Tower> Towers
    {
        get
        {
            var image = Tower.Images(_visual);
            var text = parameters().Sum(p => p.numel()) - image.Parameters - _scale.numel();
            return [image, Tower.Texts(text, TextFeatures, Spec.Text.Context)];
        }
    }

    /// <summary>Features of captions, not normalised: token ids <c>[N, 77]</c> to <c>[N, E]</c>.</summary>
    public override Tensor TextFeatures(Tensor tokens) => ClipText.Encode(tokens, _tokens, _positions, _transformer, _norm, _projection);

    /// <inheritdoc/>
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.Clip(Spec.ImageSize);

    /// <inheritdoc/>
    public override Tensor ImageFeatures(Tensor images) => _visual.call(images);

    /// <summary>The factor of the products of embeddings, exp(logit_scale).</summary>
    public override Tensor Scale() => _scale.exp();

    /// <inheritdoc/>
    private protected override (int Vocabulary, int Context) Captions => (Spec.Text.Vocabulary, Spec.Text.Context);

    /// <inheritdoc/>
    private protected override OnnxValue ImageFeatures(OnnxGraph graph, OnnxValue images) => graph.Call(_visual, images);

    /// <inheritdoc/>
    private protected override OnnxValue TextFeatures(OnnxGraph graph, OnnxValue tokens) =>
        ClipText.Encode(graph, tokens, _tokens, _positions, _transformer, _norm, _projection);

    /// <inheritdoc/>
    public override Module Rebuild() => new Clip(Spec);
}
