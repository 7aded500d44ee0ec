using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// FastViT's down-sampling convolution: a large depthwise-like kernel and a 3x3 beside it, each with its normalisation, summed;
/// then an optional gate and activation (FastViT, sec. 3.3). In evaluation mode the sum folds into one convolution.
/// </summary>
/// <remarks>
/// Input <c>[B, Cin, H, W]</c>, output <c>[B, Cout, ⌈H/stride⌉, ⌈W/stride⌉]</c>, Cin groups. Keys <c>se</c>, <c>lkb_origin</c>,
/// <c>small_conv</c>; folded <c>se</c>, <c>lkb_reparam</c>. ml-fastvit computes an activation here and throws it away, so FastViT
/// has none; MobileCLIP and FastVLM apply GELU.
/// </remarks>
public sealed class LargeKernelConv : Module<Tensor, Tensor>, IReparameterizable, IRebuildable, IOnnxLayer
{
    private readonly (long In, long Out, long Kernel, long Stride, bool Gate, Activation Activation, bool Branches) _built;

    [ComponentName(Name = "se")]
    private readonly SqueezeExcite? _se;

    [ComponentName(Name = "lkb_origin")]
    private ConvNorm? _large;

    [ComponentName(Name = "small_conv")]
    private ConvNorm? _small;

    [ComponentName(Name = "lkb_reparam")]
    private Conv2d? _folded;

    /// <summary>Builds the train-time form.</summary>
    /// <param name="channelsIn">Channels and groups of the input.</param>
    /// <param name="channelsOut">Channels of the output.</param>
    /// <param name="kernel">Side of the large kernel.</param>
    /// <param name="stride">Stride of both.</param>
    /// <param name="gate">Whether squeeze-and-excitation acts on the sum.</param>
    /// <param name="activation">Behind the sum and the gate.</param>
    /// <param name="branches">Whether a smaller kernel trains beside the large one: 3x3, or 1x1 beside 3x3.</param>
    public LargeKernelConv(
        long channelsIn,
        long channelsOut,
        long kernel,
        long stride,
        bool gate,
        Activation activation,
        bool branches = true
    )
        : base(nameof(LargeKernelConv))
    {
        _built = (channelsIn, channelsOut, kernel, stride, gate, activation, branches);
        _se = gate ? SqueezeExcite.Quarter(channelsOut) : null;
        _large = new ConvNorm(channelsIn, channelsOut, kernel, stride, channelsIn);
        _small = branches ? new ConvNorm(channelsIn, channelsOut, kernel > 3 ? 3 : 1, stride, channelsIn) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public bool IsFolded => _folded is not null;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, _built.In, 16, 16];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var sum = _folded is not null ? _folded.call(input) : _large!.call(input);
        if (_small is not null)
            sum = sum.add_(_small.call(input));
        if (_se is not null)
            sum = _se.call(sum);
        return _built.Activation.Apply(sum).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var sum = graph.Call(_folded ?? (Module)_large!, input);
        if (_small is not null)
            sum = sum + graph.Call(_small, input);
        return _built.Activation.Apply(_se is null ? sum : graph.Call(_se, sum));
    }

    /// <inheritdoc/>
    public void Fold()
    {
        if (IsFolded)
            return;
        using (no_grad())
        using (NewDisposeScope())
        {
            var kernel = Folding.Of(_large!);
            if (_small is not null)
                kernel += Folding.Of(_small).PadTo(_built.Kernel);
            _folded = Folding.Convolution(kernel, _built.Stride, _built.In, _large!.Convolution.weight!);
        }
        Surgery.Replace(this, "lkb_reparam", _folded, ("lkb_origin", _large), ("small_conv", _small));
        (_large, _small) = (null, null);
    }

    /// <inheritdoc/>
    public Module Rebuild() =>
        Modules.FoldedAlike(
            this,
            new LargeKernelConv(_built.In, _built.Out, _built.Kernel, _built.Stride, _built.Gate, _built.Activation, _built.Branches)
        );
}
