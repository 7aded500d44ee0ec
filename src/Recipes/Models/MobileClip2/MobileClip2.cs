using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// MobileCLIP2. Keys <c>logit_scale</c>, <c>visual.trunk</c>, <c>text</c>; within the trunk those of the
/// encoder, to which the checkpoints' timm names are mapped when loading.
/// </summary>
/// <remarks>
/// Input images <c>[B, 3, H, W]</c> and token ids <c>[N, 77]</c>; output normalised embeddings <c>[B, D]</c> and <c>[N, D]</c>, and the factor of
/// their products.
/// </remarks>
public sealed class MobileClip2 : ImageTextNetwork, INamedElsewhere
{
    private const string TrunkName = "visual.trunk.";

    [ComponentName(Name = "logit_scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "visual")]
    private readonly NamedPart _visual;

    [ComponentName(Name = "text")]
    private readonly ClipText _text;

    /// <summary>Builds the train-time form.</summary>
    public MobileClip2(MobileClip2Spec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _scale = Parameters.Full(Math.Log(1 / 0.07));
        _visual = new NamedPart("trunk", spec.Image.BuildPart());
        _text = new ClipText(spec.Text);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public MobileClip2Spec Spec { get; }

    /// <inheritdoc/>
    public override ImagePreprocessing Preprocessing =>
        Spec.Text.Width > 512 ? ImagePreprocessing.MobileClip2Large(Spec.Resolution) : ImagePreprocessing.MobileClip(Spec.Resolution);

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Image => _visual.Network;

    /// <summary>The text encoder, a network of its own.</summary>
    public ClipText Text => _text;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Probe => [2, 3, Spec.Resolution, Spec.Resolution];

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("open_clip", OpenClip)];

    /// <summary>S0: MCi0 and the base text encoder, 74.8 M parameters.</summary>
    public static MobileClip2Spec S0 { get; } = Of("mobileclip2_s0", Trunk512(Mci.Mci0()));

    /// <summary>S2: MCi2 and the base text encoder, 99.2 M parameters.</summary>
    public static MobileClip2Spec S2 { get; } = Of("mobileclip2_s2", Trunk512(Mci.Mci2()));

    /// <summary>B: ViT-B/16 with a convolutional stem as timm has it, and the causal base text encoder, 149.8 M parameters.</summary>
    public static MobileClip2Spec B { get; } =
        Of(
            "mobileclip2_b",
            new MobileClipVitSpec
            {
                Name = "mobileclip2_b_image",
                Classes = 512,
                StemPadding = 0,
                NormEpsilon = 1e-6,
                HeadBias = true,
            },
            causal: true
        );

    /// <summary>S3: MCi3 and a text encoder of width 768, 248.9 M parameters.</summary>
    public static MobileClip2Spec S3 { get; } = Of("mobileclip2_s3", Mci.Mci3());

    /// <summary>S4: MCi4 and a text encoder of width 768, 445.4 M parameters.</summary>
    public static MobileClip2Spec S4 { get; } = Of("mobileclip2_s4", Mci.Mci4());

    /// <summary>L/14: ViT-L/14 and a text encoder of width 768, 427.9 M parameters.</summary>
    public static MobileClip2Spec L14 { get; } =
        Of("mobileclip2_l_14", Clip.VitL14.Vision with { Name = "mobileclip2_l_14_image", Activation = Activation.Gelu, HeadBias = true });

    /// <inheritdoc/>
    public override IReadOnlyList<Tower> Towers =>
        [Tower.Images(Image), Tower.Texts(_text.parameters().Sum(p => p.numel()), _text.call, Spec.Text.Context)];

    /// <inheritdoc/>
    public override Tensor ImageFeatures(Tensor images) => _visual.call(images);

    /// <inheritdoc/>
    public override Tensor TextFeatures(Tensor tokens) => _text.call(tokens);

    /// <summary>The factor of the products of embeddings, exp(logit_scale).</summary>
    public override Tensor Scale() => _scale.exp();

    /// <inheritdoc/>
    private protected override (int Vocabulary, int Context) Captions => (Spec.Text.Vocabulary, Spec.Text.Context);

    /// <inheritdoc/>
    private protected override OnnxValue ImageFeatures(OnnxGraph graph, OnnxValue images) => graph.Call(_visual, images);

    /// <inheritdoc/>
    private protected override OnnxValue TextFeatures(OnnxGraph graph, OnnxValue tokens) => graph.Call(_text, tokens);

    /// <inheritdoc/>
    public override Module Rebuild() => Modules.FoldedAlike(this, new MobileClip2(Spec));

    private ForeignName OpenClip(string key)
    {
        if (!key.StartsWith(TrunkName, StringComparison.Ordinal))
            return new ForeignName(key);
        return TimmNames.Image(key[TrunkName.Length..], Spec.Image).Behind(TrunkName);
    }

    // timm's heads have a bias.
    private static FastVitSpec Trunk512(FastVitSpec spec) => spec with { Head = FastVitHead.Embedding };

    private static MobileClip2Spec Of(string name, ModelSpec image, bool causal = false) =>
        new()
        {
            Name = name,
            Image = image,
            Text = ClipTextSpec.MobileClip2(image.Classes, causal),
        };
}
