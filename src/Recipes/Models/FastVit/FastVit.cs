using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The FastViT network; keys are those of the official checkpoints.</summary>
/// <remarks>
/// Input <c>[B, 3, H, W]</c>, output logits or an embedding <c>[B, classes]</c>. H and W of any size of at least one stride.
/// Keys <c>patch_embed</c>, <c>network</c>, <c>conv_exp</c>, <c>head</c>.
/// </remarks>
public sealed partial class FastVit : Module<Tensor, Tensor>, IRebuildable, ISpecified, ITokenEncoder, INamedElsewhere, IOnnxLayer
{
    [ComponentName(Name = "patch_embed")]
    private readonly Module<Tensor, Tensor> _stem;

    [ComponentName(Name = "network")]
    private readonly Module<Tensor, Tensor> _network;

    [ComponentName(Name = "conv_exp")]
    private readonly MobileOneBlock? _expansion;

    [ComponentName(Name = "gap")]
    private readonly AdaptiveAvgPool2d? _gap;

    [ComponentName(Name = "head")]
    private readonly Module<Tensor, Tensor> _head;

    /// <summary>Builds the train-time form.</summary>
    public FastVit(FastVitSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _stem = spec.Stem();
        _network = Modules.Numbered(spec.Network());
        _expansion = spec.Expand ? spec.Expansion() : null;
        if (spec.Head == FastVitHead.Classifier)
        {
            (_gap, _head) = (AdaptiveAvgPool2d(1), FreshWeights.Linear(spec.FeatureWidth, spec.Classes, true, Parameters.FastVit));
        }
        else
        {
            _head = new GlobalHead(spec.FeatureWidth, spec.Classes, spec.Head == FastVitHead.Embedding);
        }
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public FastVitSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    int ITokenEncoder.TokenWidth => Spec.FeatureWidth;

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("timm", key => TimmNames.FastVit(key, Spec))];

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, 64, 64];

    /// <summary>T8: 4.0 M parameters (paper, tab. 2, as all variants).</summary>
    public static FastVitSpec T8(int classes = 1000) => Variant("fastvit_t8", classes, 2, 48) with { Depths = [2, 2, 4, 2], MlpRatio = 3 };

    /// <summary>T12: 7.5 M parameters.</summary>
    public static FastVitSpec T12(int classes = 1000) => Variant("fastvit_t12", classes, 2, 64) with { MlpRatio = 3 };

    /// <summary>S12: 9.4 M parameters.</summary>
    public static FastVitSpec S12(int classes = 1000) => Variant("fastvit_s12", classes, 2, 64);

    /// <summary>SA12: 11.5 M parameters, attention in the last stage, as in all that follow.</summary>
    public static FastVitSpec SA12(int classes = 1000) => Variant("fastvit_sa12", classes, 2, 64) with { AttentionStages = 1 };

    /// <summary>SA24: 21.5 M parameters.</summary>
    public static FastVitSpec SA24(int classes = 1000) => Variant("fastvit_sa24", classes, 4, 64) with { AttentionStages = 1 };

    /// <summary>SA36: 31.5 M parameters.</summary>
    public static FastVitSpec SA36(int classes = 1000) =>
        Variant("fastvit_sa36", classes, 6, 64) with
        {
            AttentionStages = 1,
            LayerScale = 1e-6,
            CropRatio = 0.95,
        };

    /// <summary>MA36: 44.0 M parameters.</summary>
    public static FastVitSpec MA36(int classes = 1000) =>
        Variant("fastvit_ma36", classes, 6, 76) with
        {
            AttentionStages = 1,
            LayerScale = 1e-6,
            CropRatio = 0.95,
        };

    /// <summary>
    /// A five-block FastViT for small images and laptop training (not in the paper): depths 1, 1, 2, 1, a stem of stride 2, and
    /// layer scales of 0.1, with which short trainings use their blocks.
    /// </summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="width">Channels of the first stage; the others have 2, 4 and 8 times as many.</param>
    public static FastVitSpec Mini(int classes = 10, int width = 16) =>
        Variant("fastvit_mini", classes, 1, width) with
        {
            Depths = [1, 1, 2, 1],
            StemStride = 2,
            LayerScale = 0.1,
        };

    /// <summary>The features behind <c>conv_exp</c>, before any pooling.</summary>
    /// <returns><c>[B, 2·C, ⌈H/stride⌉, ⌈W/stride⌉]</c>; C channels where the spec does not expand.</returns>
    public Tensor Features(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        var features = _network.call(_stem.call(input));
        return (_expansion is null ? features : _expansion.call(features)).MoveToOuterDisposeScope();
    }

    /// <summary>The features as tokens of a language model, row after row of the map.</summary>
    /// <returns><c>[B, T, 2·C]</c>.</returns>
    public Tensor Tokens(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Features(input).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>What the head makes of features: <c>[B, 2·C, H, W]</c> to <c>[B, classes]</c>.</summary>
    public Tensor Head(Tensor features)
    {
        using var scope = NewDisposeScope();
        var pooled = _gap is null ? features : _gap.call(features).flatten(1);
        return _head.call(pooled).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var features = Features(input);
        return Head(features);
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var features = Features(graph, input);
        return graph.Call(_head, _gap is null ? features : graph.Call(_gap, features).Flatten(1));
    }

    /// <summary>What <see cref="Features(Tensor)"/> means in ONNX.</summary>
    internal OnnxValue Features(OnnxGraph graph, OnnxValue input)
    {
        var features = graph.Call(_network, graph.Call(_stem, input));
        return _expansion is null ? features : graph.Call(_expansion, features);
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new FastVit(Spec));

    // Depths n, n, 3n, n and widths w, 2w, 4w, 8w.
    private static FastVitSpec Variant(string name, int classes, int depth, int width) =>
        new()
        {
            Name = name,
            Classes = classes,
            Depths = [depth, depth, 3 * depth, depth],
            Widths = [width, 2 * width, 4 * width, 8 * width],
        };
}
