using System.Collections.Immutable;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The MobileOne network; keys are those of the official checkpoints.</summary>
/// <remarks>Input <c>[B, 3, H, W]</c>, output logits <c>[B, classes]</c>. H and W of any size that five halvings leave positive.</remarks>
public sealed class MobileOne : Module<Tensor, Tensor>, IRebuildable, ISpecified, INamedElsewhere, IOnnxLayer
{
    [ComponentName(Name = "stage0")]
    private readonly MobileOneBlock _stage0;

    [ComponentName(Name = "stage1")]
    private readonly Module<Tensor, Tensor> _stage1;

    [ComponentName(Name = "stage2")]
    private readonly Module<Tensor, Tensor> _stage2;

    [ComponentName(Name = "stage3")]
    private readonly Module<Tensor, Tensor> _stage3;

    [ComponentName(Name = "stage4")]
    private readonly Module<Tensor, Tensor> _stage4;

    [ComponentName(Name = "gap")]
    private readonly AdaptiveAvgPool2d _gap;

    [ComponentName(Name = "linear")]
    private readonly Linear _linear;

    /// <summary>Builds the train-time form.</summary>
    public MobileOne(MobileOneSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _stage0 = spec.Stem();
        (_stage1, _stage2, _stage3, _stage4) = (spec.Stage(1), spec.Stage(2), spec.Stage(3), spec.Stage(4));
        _gap = AdaptiveAvgPool2d(1);
        _linear = Linear(spec.Channels[4], spec.Classes);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public MobileOneSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("timm", TimmNames.MobileOne)];

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, Spec.ChannelsIn, 64, 64];

    /// <summary>S0: 2.1 M parameters folded, k = 4 (paper, tab. 7, as all variants).</summary>
    public static MobileOneSpec S0(int classes = 1000) => Variant("mobileone_s0", classes, 4, 0.75, 1.0, 1.0, 2.0);

    /// <summary>S1: 4.8 M parameters folded.</summary>
    public static MobileOneSpec S1(int classes = 1000) => Variant("mobileone_s1", classes, 1, 1.5, 1.5, 2.0, 2.5);

    /// <summary>S2: 7.8 M parameters folded.</summary>
    public static MobileOneSpec S2(int classes = 1000) => Variant("mobileone_s2", classes, 1, 1.5, 2.0, 2.5, 4.0);

    /// <summary>S3: 10.1 M parameters folded.</summary>
    public static MobileOneSpec S3(int classes = 1000) => Variant("mobileone_s3", classes, 1, 2.0, 2.5, 3.0, 4.0);

    /// <summary>S4: 14.8 M parameters folded, squeeze-and-excitation in the last units.</summary>
    public static MobileOneSpec S4(int classes = 1000) =>
        Variant("mobileone_s4", classes, 1, 3.0, 3.5, 3.5, 4.0) with
        {
            SqueezeExcite = [0, 0, 5, 1],
        };

    /// <summary>
    /// A six-unit MobileOne for small images and laptop training (not in the paper): units 1, 2, 2, 1.
    /// </summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="width">Channels of the stem; the stages have 1, 2, 4 and 8 times as many.</param>
    public static MobileOneSpec Mini(int classes = 10, int width = 16) =>
        new()
        {
            Name = "mobileone_mini",
            Classes = classes,
            Channels = [width, width, 2 * width, 4 * width, 8 * width],
            Units = [1, 2, 2, 1],
            Branches = 4,
        };

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ImageInput.Check(input, Spec.Name, Spec.ChannelsIn);
        using var scope = NewDisposeScope();
        var x = _stage0.call(input);
        foreach (var stage in (Module<Tensor, Tensor>[])[_stage1, _stage2, _stage3, _stage4])
            x = stage.call(x);
        x = _gap.call(x).flatten(1); // [B, C]
        return _linear.call(x).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        Module[] parts = [_stage0, _stage1, _stage2, _stage3, _stage4, _gap];
        return graph.Call(_linear, parts.Aggregate(input, (x, part) => graph.Call(part, x)).Flatten(1));
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new MobileOne(Spec));

    private static MobileOneSpec Variant(string name, int classes, int k, params double[] alphas)
    {
        var widths = alphas.Select((alpha, i) => (int)((64 << i) * alpha));
        return new MobileOneSpec
        {
            Name = name,
            Classes = classes,
            Branches = k,
            Channels = [Math.Min(64, (int)(64 * alphas[0])), .. widths],
        };
    }
}
