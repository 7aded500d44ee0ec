using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Four maps from the one of a vision transformer (ViTDet, arXiv 2203.16527, sec. 3): a quarter, half, one and two times its stride, by two
/// transposed convolutions, one, none, and max-pooling.
/// </summary>
/// <remarks>
/// Input <c>[B, D, h, w]</c>; outputs <c>[B, D/4, 4h, 4w]</c>, <c>[B, D/2, 2h, 2w]</c>, <c>[B, D, h, w]</c>, <c>[B, D, h/2, w/2]</c>: strides 4,
/// 8, 16 and 32 for patches of 16 pixels. ViTDet's convolutions behind each map are left to the head.
/// </remarks>
public sealed class SimplePyramid : Module<Tensor, IReadOnlyList<Tensor>>
{
    [ComponentName(Name = "quarter")]
    private readonly Module<Tensor, Tensor> _quarter;

    [ComponentName(Name = "half")]
    private readonly Module<Tensor, Tensor> _half;

    [ComponentName(Name = "double")]
    private readonly Module<Tensor, Tensor> _double;

    /// <summary>Builds the pyramid.</summary>
    /// <param name="map">What it gets.</param>
    public SimplePyramid(FeatureMap map)
        : base(nameof(SimplePyramid))
    {
        var (d, s) = (map.Channels, map.Stride);
        if (s % 4 != 0 || d % 4 != 0)
            throw new RecipesException(
                $"{nameof(SimplePyramid)}: expected a stride and channels that are multiples of 4, found {s} and {d}. Use patches of 4, 8 or 16 pixels."
            );
        Maps = [new(d / 4, s / 4), new(d / 2, s / 2), map, new(d, 2 * s)];
        _quarter = Sequential(
            ("0", ConvTranspose2d(d, d / 2, 2, 2)),
            ("1", new ChannelLayerNorm(d / 2)),
            ("2", GELU()),
            ("3", ConvTranspose2d(d / 2, d / 4, 2, 2))
        );
        _half = Sequential(("0", ConvTranspose2d(d, d / 2, 2, 2)));
        _double = Sequential(("0", MaxPool2d(2, 2)));
        RegisterComponents();
    }

    /// <summary>What it gives, finest first.</summary>
    public IReadOnlyList<FeatureMap> Maps { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> forward(Tensor input) =>
        [
            _quarter.call(input),
            _half.call(input),
            input.alias(),
            input.shape[2] > 1 && input.shape[3] > 1 ? _double.call(input) : input.alias(), // one position has no half
        ];

    /// <summary>The same in ONNX.</summary>
    public IReadOnlyList<OnnxValue> ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.In(
            this,
            () =>
                (IReadOnlyList<OnnxValue>)
                    [
                        graph.Call(_quarter, input),
                        graph.Call(_half, input),
                        input,
                        input.Shape[2].Size == 1 || input.Shape[3].Size == 1 ? input : graph.Call(_double, input),
                    ]
        );
}
