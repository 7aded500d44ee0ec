using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>MobileCLIP-B's image encoder: ViT-B/16 with a convolutional stem; keys are those of the official checkpoints.</summary>
/// <remarks>
/// Input <c>[B, 3, H, W]</c>, output features <c>[B, D]</c>. The first convolution of the stem pads by 1, unlike timm's port; the class token has
/// no position. Other sizes than 224 interpolate the positions.
/// </remarks>
public sealed partial class MobileClipVit : Module<Tensor, Tensor>, IRebuildable, ISpecified, INamedElsewhere, IOnnxLayer
{
    private const int Width = 768;

    [ComponentName(Name = "cls_token")]
    private readonly Parameter _class;

    [ComponentName(Name = "patch_emb")]
    private readonly Module<Tensor, Tensor> _stem;

    [ComponentName(Name = "post_transformer_norm")]
    private readonly LayerNorm _norm;

    [ComponentName(Name = "transformer")]
    private readonly Module<Tensor, Tensor> _layers;

    [ComponentName(Name = "classifier")]
    private readonly Projection _classifier;

    [ComponentName(Name = "pos_embed")]
    private readonly PositionTable _positions;

    /// <summary>Builds the network.</summary>
    public MobileClipVit(MobileClipVitSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _class = Parameters.Normal(0.02, 1, 1, Width);
        _stem = Modules.Numbered([
            new StemBlock(3, 192, 4, 4, spec.StemPadding, norm: true),
            new StemBlock(192, 192, 2, 2, 0, norm: true),
            new StemBlock(192, Width, 2, 2, 0, norm: false),
        ]);
        _norm = LayerNorm(Width, spec.NormEpsilon);
        _layers = Modules.Numbered(
            Enumerable.Range(0, 12).Select(_ => new TransformerLayer(Width, Width / 64, causal: false, spec.NormEpsilon))
        );
        _classifier = new Projection(Width, spec.Classes, spec.HeadBias);
        _positions = new PositionTable(196, Width);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public ModelSpec Spec { get; }

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("timm", key => TimmNames.MobileClipVit(key, (MobileClipVitSpec)Spec))];

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, 224, 224];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        var patches = _positions.call(_stem.call(input).flatten(2).transpose(1, 2)); // [B, T, D]
        var tokens = cat([_class.expand(input.shape[0], 1, Width), patches], 1);
        var features = _norm.call(_layers.call(tokens))[TensorIndex.Colon, 0];
        return _classifier.call(features).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var patches = graph.Call(_positions, graph.Call(_stem, input).Flatten(2).Transpose(1, 2)); // [B, T, D]
        var tokens = graph.Concat(1, graph.Weight("cls_token", _class).Expand(input.Shape[0], 1, Width), patches);
        return graph.Call(_classifier, graph.Call(_norm, graph.Call(_layers, tokens)).Select(1, 0));
    }

    /// <inheritdoc/>
    public Module Rebuild() => new MobileClipVit((MobileClipVitSpec)Spec);

    // A matrix under the official name proj; timm's port has a bias beside it.
    private sealed class Projection : Module<Tensor, Tensor>, IOnnxLayer
    {
        [ComponentName(Name = "proj")]
        private readonly Parameter _matrix;

        [ComponentName(Name = "bias")]
        private readonly Parameter? _bias;

        public Projection(long channels, long width, bool bias)
            : base(nameof(Projection))
        {
            _matrix = Parameters.Normal(Math.Pow(channels, -0.5), channels, width);
            _bias = bias ? Parameters.Full(0, width) : null;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            if (_bias is null)
                return input.matmul(_matrix);
            using var product = input.matmul(_matrix);
            return product.add(_bias);
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
        {
            var product = input.MatMul(graph.Weight("proj", _matrix));
            return _bias is null ? product : product + graph.Weight("bias", _bias);
        }
    }

    // A convolution, and behind all but the last a normalisation and GELU; names block.conv and block.norm.
    private sealed class StemBlock : Module<Tensor, Tensor>, IOnnxLayer
    {
        private readonly bool _activate;

        [ComponentName(Name = "block")]
        private readonly Module<Tensor, Tensor> _block;

        public StemBlock(long channelsIn, long channelsOut, long kernel, long stride, long padding, bool norm)
            : base(nameof(StemBlock))
        {
            _activate = norm;
            var convolution = Conv2d(channelsIn, channelsOut, kernel, stride, padding, bias: !norm);
            _block = norm ? Sequential(("conv", convolution), ("norm", BatchNorm2d(channelsOut))) : Sequential(("conv", convolution));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (_activate ? Activation.Gelu : Activation.None).Apply(_block.call(input)).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
            (_activate ? Activation.Gelu : Activation.None).Apply(graph.Call(_block, input));
    }
}

/// <summary>MobileCLIP-B's image encoder.</summary>
public sealed record MobileClipVitSpec : ModelSpec
{
    /// <summary>Padding of the stem's first convolution: 1 in MobileCLIP's code, 0 in timm's port, which MobileCLIP2 uses.</summary>
    /// <value>Default 1.</value>
    public int StemPadding { get; init; } = 1;

    /// <summary>ε of the norms: 1e-5 in MobileCLIP's code, 1e-6 in timm's port.</summary>
    /// <value>Default 1e-5.</value>
    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether the projection has a bias, as in timm's port.</summary>
    /// <value>Default false.</value>
    public bool HeadBias { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.MobileClip(224);

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new MobileClipVit(this);
}
