using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// FastViT's conditional position encoding: a depthwise 7x7 convolution of the input added to it (FastViT, sec. 3.3). It folds
/// into the convolution alone, with one added at the kernel's centre.
/// </summary>
/// <remarks>Input and output <c>[B, C, H, W]</c>, any size. Keys <c>pe</c>; folded <c>reparam_conv</c>.</remarks>
public sealed class RepCpe : Module<Tensor, Tensor>, IReparameterizable, IRebuildable, IOnnxLayer
{
    private readonly (long Channels, long Kernel) _built;

    [ComponentName(Name = "pe")]
    private Conv2d? _pe;

    [ComponentName(Name = "reparam_conv")]
    private Conv2d? _folded;

    /// <summary>Builds the train-time form.</summary>
    public RepCpe(long channels, long kernel = 7)
        : base(nameof(RepCpe))
    {
        _built = (channels, kernel);
        _pe = Conv2d(channels, channels, kernel, padding: kernel / 2, groups: channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public bool IsFolded => _folded is not null;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, _built.Channels, 16, 16];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (_folded is not null)
            return _folded.call(input);
        using var encoding = _pe!.call(input);
        return encoding + input;
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        _folded is not null ? graph.Call(_folded, input) : graph.Call(_pe!, input) + input;

    /// <inheritdoc/>
    public void Fold()
    {
        if (IsFolded)
            return;
        using (no_grad())
        using (NewDisposeScope())
        {
            var identity = Folding.Identity(_built.Channels, _built.Channels, _built.Kernel, _pe!.weight!.device);
            _folded = Folding.Convolution(identity + Folding.Of(_pe), 1, _built.Channels, _pe.weight);
        }
        Surgery.Replace(this, "reparam_conv", _folded, ("pe", _pe));
        _pe = null;
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, new RepCpe(_built.Channels, _built.Kernel));
}
