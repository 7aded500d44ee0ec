using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// A convolution with its skip: y = x + λ ⊙ BN(DW(x)). Normalisation and scale fold into the convolution; the addition stays, so
/// that the cost of a skip connection can be measured against <see cref="RepMixer"/>, which has none left (FastViT, sec. 3.1).
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>. Keys <c>layer_scale</c>, <c>mixer</c>; folded <c>reparam_conv</c>.</remarks>
public sealed class ConvolutionMixer : Module<Tensor, Tensor>, IReparameterizable, IRebuildable, IOnnxLayer
{
    private readonly (long Channels, long Kernel, double Init) _built;

    [ComponentName(Name = "layer_scale")]
    private Parameter? _scale;

    [ComponentName(Name = "mixer")]
    private ConvNorm? _mixer;

    [ComponentName(Name = "reparam_conv")]
    private Conv2d? _folded;

    /// <summary>Builds the train-time form.</summary>
    /// <param name="channels">C.</param>
    /// <param name="kernel">Side of the depthwise kernel.</param>
    /// <param name="layerScale">Initial λ.</param>
    public ConvolutionMixer(long channels, long kernel = 3, double layerScale = 1e-5)
        : base(nameof(ConvolutionMixer))
    {
        _built = (channels, kernel, layerScale);
        _scale = Parameters.Full(layerScale, channels, 1, 1);
        _mixer = new ConvNorm(channels, channels, kernel, groups: channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public bool IsFolded => _folded is not null;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, _built.Channels, 16, 16];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = _folded is not null ? _folded.call(input) : _scale! * _mixer!.call(input);
        return (input + mixed).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        input + (_folded is not null ? graph.Call(_folded, input) : graph.Weight("layer_scale", _scale!) * graph.Call(_mixer!, input));

    /// <inheritdoc/>
    public void Fold()
    {
        if (IsFolded)
            return;
        using (no_grad())
        using (NewDisposeScope())
            _folded = Folding.Convolution(Folding.Of(_mixer!).Times(_scale!), 1, _built.Channels, _scale!);
        _internal_params.Remove("layer_scale");
        _scale!.Dispose();
        _scale = null;
        Surgery.Replace(this, "reparam_conv", _folded, ("mixer", _mixer));
        _mixer = null;
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new ConvolutionMixer(_built.Channels, _built.Kernel, _built.Init));
}
