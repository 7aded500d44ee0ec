using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// FastViT's token mixer: y = x + λ ⊙ (M(x) − N(x)), where M is a depthwise convolution, a depthwise 1x1 convolution and a skip,
/// each normalised, and N is a normalisation alone (FastViT, sec. 3.1, as the code has it). It folds into one depthwise
/// convolution without any addition: W = E + λ(W_M − W_N), b = λ(b_M − b_N).
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>layer_scale</c>, <c>norm</c>, <c>mixer</c>; folded <c>reparam_conv</c>.</remarks>
public sealed class RepMixer : Module<Tensor, Tensor>, IReparameterizable, IRebuildable, IOnnxLayer
{
    private readonly (long Channels, long Kernel, bool Row, double Init, bool Branches) _built;

    [ComponentName(Name = "layer_scale")]
    private Parameter? _scale;

    [ComponentName(Name = "norm")]
    private MobileOneBlock? _norm;

    [ComponentName(Name = "mixer")]
    private MobileOneBlock? _mixer;

    [ComponentName(Name = "reparam_conv")]
    private Conv2d? _folded;

    /// <summary>Builds the train-time form.</summary>
    /// <param name="channels">C.</param>
    /// <param name="kernel">Side of the depthwise kernel.</param>
    /// <param name="layerScale">Initial λ.</param>
    /// <param name="row">Whether the kernel has height 1, as in MobileCLIP's text encoder.</param>
    /// <param name="branches">Without them M is the convolution alone and N is nothing: y = x + λ ⊙ BN(DW(x)). The folded form is the same.</param>
    public RepMixer(long channels, long kernel = 3, double layerScale = 1e-5, bool row = false, bool branches = true)
        : base(nameof(RepMixer))
    {
        _built = (channels, kernel, row, layerScale, branches);
        var spec = new MobileOneBlockSpec(channels, channels, kernel, Groups: channels) { Activation = Activation.None, Row = row };
        _scale = Parameters.Full(layerScale, channels, 1, 1);
        _norm = branches ? new MobileOneBlock(spec with { Branches = 0, Scale = false }) : null;
        _mixer = new MobileOneBlock(spec with { Scale = branches, Skip = branches });
        RegisterComponents();
    }

    /// <inheritdoc/>
    public bool IsFolded => _folded is not null;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, _built.Channels, _built.Row ? 1 : 16, 16];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (_folded is not null)
            return _folded.call(input);
        using var scope = NewDisposeScope();
        var difference = _mixer!.call(input);
        if (_norm is not null)
            difference -= _norm.call(input);
        return (input + _scale! * difference).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        if (_folded is not null)
            return graph.Call(_folded, input);
        var mixed = graph.Call(_mixer!, input);
        return input + graph.Weight("layer_scale", _scale!) * (_norm is null ? mixed : mixed - graph.Call(_norm, input));
    }

    /// <inheritdoc/>
    public void Fold()
    {
        if (IsFolded)
            return;
        using (no_grad())
        using (NewDisposeScope())
        {
            var height = _built.Row ? 1 : _built.Kernel;
            var identity = Folding.Identity(_built.Channels, _built.Channels, height, _built.Kernel, _scale!.device);
            var mixer = _mixer!.Kernel();
            var kernel = identity + (_norm is null ? mixer : mixer - _norm.Kernel()).Times(_scale);
            _folded = Folding.Convolution(kernel, 1, _built.Channels, _scale);
        }
        _internal_params.Remove("layer_scale");
        _scale.Dispose();
        _scale = null;
        Surgery.Replace(this, "reparam_conv", _folded, ("norm", _norm), ("mixer", _mixer));
        (_norm, _mixer) = (null, null);
    }

    /// <inheritdoc/>
    public Module Rebuild() =>
        Modules.FoldedAlike(this, new RepMixer(_built.Channels, _built.Kernel, _built.Init, _built.Row, _built.Branches));
}
