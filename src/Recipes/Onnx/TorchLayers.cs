using TorchSharp;
using TorchSharp.Modules;
using Module = TorchSharp.torch.nn.Module;

namespace Recipes.Onnx;

// What TorchSharp's own layers mean in ONNX, in evaluation mode.
internal static class TorchLayers
{
    /// <summary>The layer's output, or null for a layer that is not known, or not in this configuration.</summary>
    public static OnnxValue? Describe(OnnxGraph graph, Module layer, OnnxValue x) =>
        layer switch
        {
            Sequential parts => parts.named_children().Aggregate(x, (y, part) => graph.Call(part.module, y)),
            Conv2d { padding_mode: PaddingModes.Zeros } conv when Pads(conv) is { } pads => graph.Convolution(
                x,
                "weight",
                conv.weight!,
                conv.bias,
                conv.stride,
                pads,
                conv.dilation,
                conv.groups
            ),
            ConvTranspose2d { padding_type: null } conv => graph.Transposed(x, conv),
            BatchNorm2d or BatchNorm1d => graph.BatchNorm(x, (NormBase)layer),
            LayerNorm norm => graph.LayerNorm(x, norm.normalized_shape.Length, norm.weight, norm.bias, norm.eps),
            Linear linear => graph.Linear(x, "weight", linear.weight!, linear.bias),
            GELU { approximate: GELU.Approximate.none } => x.Gelu(),
            ReLU => x.Relu(),
            SiLU => x.Silu(),
            Sigmoid => x.Sigmoid(),
            Softmax softmax => x.Softmax((int)softmax.dim),
            Flatten flatten => x.Flatten((int)flatten.start_dim, (int)flatten.end_dim),
            MaxPool2d { ceil_mode: false, dilation: null or [1] or [1, 1] } pool => graph.Pool(
                "MaxPool",
                x,
                pool.kernel_size,
                pool.stride ?? pool.kernel_size,
                pool.padding ?? [0]
            ),
            AvgPool2d { ceil_mode: false, divisor_override: null } pool => graph.Pool(
                "AveragePool",
                x,
                pool.kernel_size,
                pool.stride ?? pool.kernel_size,
                pool.padding ?? [0],
                ("count_include_pad", pool.count_include_pad ? 1L : 0L)
            ),
            AdaptiveAvgPool2d { output_size: [1] or [1, 1] } => graph.Emit(
                "GlobalAveragePool",
                [x],
                x.Type,
                [x.Shape[0], x.Shape[1], 1, 1]
            ),
            Identity or Dropout or Dropout2d => x,
            _ => null,
        };

    // Zeros at each border; null where both borders differ.
    private static long[]? Pads(Conv2d conv)
    {
        if (conv.padding_type is not { } type)
            return conv.padding;
        if (type == Padding.Valid)
            return [0, 0];
        long[] total = [.. conv.kernel_size.Zip(conv.dilation, (k, d) => d * (k - 1))];
        return Array.TrueForAll(total, n => n % 2 == 0) ? [.. total.Select(n => n / 2)] : null;
    }
}
