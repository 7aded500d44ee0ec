using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>MobileCLIP; keys are those of the official checkpoints.</summary>
/// <remarks>
/// Input images <c>[B, 3, H, W]</c> in [0, 1] without further normalisation and token ids <c>[N, 77]</c>; output normalised embeddings
/// <c>[B, D]</c> and <c>[N, D]</c>, and the factor of their products. Keys <c>logit_scale</c>, <c>image_encoder.model</c>, <c>text_encoder</c>.
/// </remarks>
public sealed class MobileClip : ImageTextNetwork, INamedElsewhere
{
    [ComponentName(Name = "logit_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "image_encoder")]
    private readonly NamedPart _image;

    [ComponentName(Name = "text_encoder")]
    private readonly TextEncoder _text;

    /// <summary>Builds the train-time form.</summary>
    public MobileClip(MobileClipSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _scale = Parameters.Full(Math.Log(1 / 0.07));
        _image = new NamedPart("model", spec.Image.BuildPart());
        _text = new TextEncoder(spec.Text, spec.Embedding);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public MobileClipSpec Spec { get; }

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("open_clip", key => OpenClipNames.MobileClip(key, Spec.Image))];

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Image => _image.Network;

    /// <summary>The text encoder, a network of its own.</summary>
    public TextEncoder Text => _text;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Probe => [2, 3, Spec.Resolution, Spec.Resolution];

    /// <summary>S0: MCi0 and MCt, 53.8 M parameters.</summary>
    public static MobileClipSpec S0 { get; } = Of("mobileclip_s0", Mci.Mci0(), TextEncoderSpec.Mct);

    /// <summary>S1: MCi1 and the base text encoder, 85.0 M parameters.</summary>
    public static MobileClipSpec S1 { get; } = Of("mobileclip_s1", Mci.Mci1(), TextEncoderSpec.Base);

    /// <summary>S2: MCi2 and the base text encoder, 99.2 M parameters.</summary>
    public static MobileClipSpec S2 { get; } = Of("mobileclip_s2", Mci.Mci2(), TextEncoderSpec.Base);

    /// <summary>B: ViT-B/16 and the base text encoder with a causal mask, 149.8 M parameters.</summary>
    public static MobileClipSpec B { get; } =
        Of(
            "mobileclip_b",
            new MobileClipVitSpec { Name = "mobileclip_b_image", Classes = 512 },
            TextEncoderSpec.Base with
            {
                Causal = true,
            }
        );

    /// <summary>
    /// A small network for small images, such as the embedded Scenes at 32 to 64 pixels (not in the paper): <see cref="Mci.Mini"/>, and a causal text encoder
    /// whose tokens are told apart from the start. 0.8 M parameters.
    /// </summary>
    /// <param name="width">Channels of the first stage.</param>
    /// <param name="text">Channels of a token, a multiple of 64; also the joint embedding.</param>
    /// <param name="layers">Ordinary layers of the text encoder.</param>
    /// <param name="vocabulary">Token ids; null for those of <see cref="ClipTokenizer.Scenes"/>.</param>
    /// <param name="context">Token ids of a caption.</param>
    public static MobileClipSpec Mini(int width = 16, int text = 128, int layers = 2, int? vocabulary = null, int context = 24) =>
        Of(
            "mobileclip_mini",
            Mci.Mini(width, text),
            new TextEncoderSpec
            {
                Width = text,
                Layers = layers,
                Causal = true,
                Context = context,
                Vocabulary = vocabulary ?? ClipTokenizer.Scenes.Vocabulary,
                TokenDeviation = 0.1,
            }
        );

    /// <inheritdoc/>
    public override IReadOnlyList<Tower> Towers =>
        [Tower.Images(Image), Tower.Texts(_text.parameters().Sum(p => p.numel()), _text.call, Spec.Text.Context)];

    /// <inheritdoc/>
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.MobileClip(Spec.Resolution);

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
    private protected override (int Vocabulary, int Context) Captions => (Spec.Text.Vocabulary, Spec.Text.Context);

    /// <inheritdoc/>
    private protected override OnnxValue ImageFeatures(OnnxGraph graph, OnnxValue images) => graph.Call(_image, images);

    /// <inheritdoc/>
    private protected override OnnxValue TextFeatures(OnnxGraph graph, OnnxValue tokens) => graph.Call(_text, tokens);

    /// <inheritdoc/>
    public override Module Rebuild() => Modules.FoldedAlike(this, new MobileClip(Spec));

    private static MobileClipSpec Of(string name, ModelSpec image, TextEncoderSpec text) =>
        new()
        {
            Name = name,
            Image = image,
            Text = text,
        };
}
