using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// MobileOne's block (MobileOne, sec. 3.2, fig. 3): a normalisation of the input, a 1x1 convolution and k convolutions
/// of the full kernel, each with its own normalisation, summed; then SE and the activation. In evaluation mode the sum
/// folds into one convolution with bias.
/// </summary>
/// <remarks>
/// Input <c>[B, Cin, H, W]</c>, output <c>[B, Cout, H/stride, W/stride]</c>. Keys: <c>se</c>, <c>rbr_skip</c>, <c>rbr_conv.j</c>,
/// <c>rbr_scale</c>; folded: <c>se</c>, <c>reparam_conv</c>.
/// </remarks>
public sealed class MobileOneBlock : Module<Tensor, Tensor>, IReparameterizable, IRebuildable, IOnnxLayer
{
    [ComponentName(Name = "se")]
    private readonly SqueezeExcite? _se;

    [ComponentName(Name = "rbr_skip")]
    private BatchNorm2d? _skip;

    [ComponentName(Name = "rbr_conv")]
    private ModuleList<ConvNorm>? _branches;

    [ComponentName(Name = "rbr_scale")]
    private ConvNorm? _scale;

    [ComponentName(Name = "reparam_conv")]
    private Conv2d? _folded;

    /// <summary>Builds the train-time form.</summary>
    public MobileOneBlock(MobileOneBlockSpec spec)
        : base(nameof(MobileOneBlock))
    {
        Spec = spec;
        var (cin, cout, stride, groups) = (spec.ChannelsIn, spec.ChannelsOut, spec.Stride, spec.Groups);
        _se = spec.SqueezeExcite ? new SqueezeExcite(cout) : null;
        _skip = spec.HasSkip ? BatchNorm2d(cin) : null;
        _branches = spec.Branches == 0 ? null : ModuleList(Enumerable.Range(0, spec.Branches).Select(_ => Convolution(spec)).ToArray());
        _scale = spec.HasScale ? new ConvNorm(cin, cout, 1, stride, groups, padding: 0) : null;
        RegisterComponents();
    }

    /// <summary>What the block was built from.</summary>
    public MobileOneBlockSpec Spec { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, Spec.ChannelsIn, Spec.Row ? 1 : 16, 16];

    /// <inheritdoc/>
    public bool IsFolded => _folded is not null;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var relu = _se is null && Spec.Activation == Activation.Relu;
        if (training && _folded is null)
            NeedsSeveralValues(input);
        if (training && _folded is null && Merged(input, relu) is { } merged)
        {
            if (relu)
                return merged.MoveToOuterDisposeScope();
        }
        else
        {
            merged = _folded is not null ? _folded.call(input) : Branches(input);
        }
        if (_se is not null)
            merged = _se.call(merged);
        return Spec.Activation.Apply(merged).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        IEnumerable<Module?> branches = _folded is not null ? [_folded] : [.. _branches ?? [], _scale, _skip];
        var merged = branches.OfType<Module>().Select(b => graph.Call(b, input)).Aggregate((a, b) => a + b);
        return Spec.Activation.Apply(_se is null ? merged : graph.Call(_se, merged));
    }

    /// <inheritdoc/>
    public void Fold()
    {
        if (IsFolded)
            return;
        using (NewDisposeScope())
        {
            var kernel = Kernel();
            _folded = Folding.Convolution(kernel, Spec.Stride, Spec.Groups, parameters().First());
        }
        Surgery.Replace(this, "reparam_conv", _folded, ("rbr_skip", _skip), ("rbr_conv", _branches), ("rbr_scale", _scale));
        (_skip, _branches, _scale) = (null, null, null);
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new MobileOneBlock(Spec));

    /// <summary>Makes training on this thread compute branch by branch: for comparisons, in benchmarks and tests.</summary>
    [ThreadStatic]
    internal static bool BranchByBranch;

    // In training mode on the CPU, where it pays, all branches at once; null where the form branch by branch is due.
    private Tensor? Merged(Tensor input, bool relu)
    {
        if (
            BranchByBranch
            || _branches is null
            || Spec.Row
            || input.device_type != DeviceType.CPU
            || input.dtype is not (ScalarType.Float32 or ScalarType.Float64)
        )
            return null;
        var depthwise =
            Spec is { Kernel: 3, Stride: 1 or 2, Branches: > 1 } && Spec.Groups == Spec.ChannelsIn && Spec.Groups == Spec.ChannelsOut;
        var pointwise = Spec is { Kernel: 1, Stride: 1, Groups: 1, Branches: > 1 } && Positions(input) >= Spec.ChannelsIn;
        // Patches cost memory, 9·Cin values a position for 3x3, which only the few channels of an image are worth.
        var stem = Spec is { Groups: 1, Kernel: > 1, ChannelsIn: <= 4 } && !Spec.HasSkip && !input.requires_grad;
        if (!(depthwise || pointwise || stem))
            return null;
        var branches = _scale is null ? _branches! : _branches!.Append(_scale);
        var norms = branches.Select(b => b.Norm);
        var set = new BranchSet(
            [.. branches.Select(b => b.Convolution)],
            [.. _skip is null ? norms : norms.Append(_skip)],
            Spec.Stride,
            relu
        );
        if (!set.IsRegular(input.dtype))
            return null;
        return depthwise ? DepthwiseTraining.apply(set.Arguments(input)) : PointwiseTraining.apply(set.Arguments(input));
    }

    private long Positions(Tensor input) =>
        input.shape[0] * (((input.shape[2] - 1) / Spec.Stride) + 1) * (((input.shape[3] - 1) / Spec.Stride) + 1);

    // PyTorch's own check, which TorchSharp leaves out: the running variance would become infinite in silence.
    private void NeedsSeveralValues(Tensor input)
    {
        if (input.dim() == 4 && Positions(input) == 1 && (_branches?.Any(b => b.Norm.training) ?? _skip!.training))
        {
            throw new RecipesException(
                $"MobileOneBlock: training needs more than one value per channel, found the input [{string.Join(", ", input.shape)}]. "
                    + "Use a larger batch or image, or call eval()."
            );
        }
    }

    private Tensor Branches(Tensor input)
    {
        if (_branches is null)
            return _skip!.call(input);
        var sum = _branches[0].call(input);
        foreach (var branch in _branches.Skip(1))
            sum = sum.add_(branch.call(input));
        if (_scale is not null)
            sum = sum.add_(_scale.call(input));
        if (_skip is not null)
            sum = sum.add_(_skip.call(input));
        return sum;
    }

    /// <summary>The block's branches as one kernel, activation and gate left out; in the scope of the caller.</summary>
    internal Folding.Kernel Kernel()
    {
        using var _ = no_grad();
        if (_folded is not null)
            return Folding.Of(_folded);
        var identity = _skip is null
            ? default
            : Folding.Identity(Spec.ChannelsIn, Spec.Groups, Height, Spec.Kernel, _skip.weight!.device).Then(_skip);
        if (_branches is null)
            return identity;
        var kernel = _branches.Select(Folding.Of).Aggregate(Folding.Kernel.Add);
        if (_scale is not null)
            kernel += Folding.Of(_scale).PadTo(Spec.Kernel);
        return _skip is null ? kernel : kernel + identity;
    }

    private long Height => Spec.Row ? 1 : Spec.Kernel;

    private static ConvNorm Convolution(MobileOneBlockSpec spec) =>
        spec.Row
            ? ConvNorm.Row(spec.ChannelsIn, spec.Kernel)
            : new ConvNorm(spec.ChannelsIn, spec.ChannelsOut, spec.Kernel, spec.Stride, spec.Groups);
}
