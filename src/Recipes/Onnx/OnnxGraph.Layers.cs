using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Onnx;

// Layers with weights.
public sealed partial class OnnxGraph
{
    /// <summary>A convolution over the last two axes, padded with zeros.</summary>
    /// <param name="input"><c>[B, C, H, W]</c>.</param>
    /// <param name="name">What the kernel is called in the layer.</param>
    /// <param name="kernel"><c>[O, C/groups, kH, kW]</c>.</param>
    /// <param name="bias"><c>[O]</c> or null; called <c>bias</c>.</param>
    /// <param name="stride">Of rows and columns.</param>
    /// <param name="padding">Rows and columns of zeros at each border.</param>
    /// <param name="dilation">Of rows and columns; null for 1.</param>
    /// <param name="groups">Groups of channels.</param>
    public OnnxValue Convolution(
        OnnxValue input,
        string name,
        Tensor kernel,
        Tensor? bias,
        long[] stride,
        long[] padding,
        long[]? dilation = null,
        long groups = 1
    )
    {
        long[] size = [.. kernel.shape.Skip(2)];
        var spread = dilation ?? [1, 1];
        var sides = Enumerable
            .Range(0, 2)
            .Select(i =>
                Side(
                    input.Shape[i + 2],
                    n => (n + 2 * padding[i] - spread[i] * (size[i] - 1) - 1) / stride[i] + 1,
                    stride[i] == 1 && 2 * padding[i] == spread[i] * (size[i] - 1)
                )
            );
        List<OnnxValue?> inputs = [input, Weight(name, kernel)];
        if (bias is not null)
            inputs.Add(Weight("bias", bias));
        return Emit(
            "Conv",
            inputs,
            input.Type,
            [input.Shape[0], kernel.shape[0], .. sides],
            ("dilations", spread),
            ("group", groups),
            ("kernel_shape", size),
            ("pads", (long[])[.. padding, .. padding]),
            ("strides", stride)
        );
    }

    /// <summary>Layer normalisation over the last axes. Before opset 17, which has an operator for it, in parts.</summary>
    public OnnxValue LayerNorm(OnnxValue input, int axes, Tensor? gain, Tensor? shift, double epsilon)
    {
        var scale = gain is null ? Scalar(1, input.Type) : Weight("weight", gain);
        if (Opset >= 17 && gain is not null)
        {
            List<OnnxValue?> inputs = shift is null ? [input, scale] : [input, scale, Weight("bias", shift)];
            return Emit("LayerNormalization", inputs, input.Type, input.Shape, ("axis", (long)-axes), ("epsilon", (float)epsilon));
        }
        int[] over = [.. Enumerable.Range(1, axes).Select(i => -i)];
        var centred = input - input.Mean(over, keepDims: true);
        var normal = centred / ((centred * centred).Mean(over, keepDims: true) + epsilon).Sqrt() * scale;
        return shift is null ? normal : normal + Weight("bias", shift);
    }

    /// <summary>Batch normalisation with the running statistics.</summary>
    internal OnnxValue BatchNorm(OnnxValue input, NormBase norm)
    {
        if (norm.running_mean is null || norm.running_var is null)
            throw new RecipesException(
                $"{Here}: a batch normalisation without running statistics has no fixed meaning. Build it with track_running_stats."
            );
        var channels = norm.num_features;
        var gain = norm.weight is { } w ? Weight("weight", w) : Derived("weight", ones(channels));
        var shift = norm.bias is { } b ? Weight("bias", b) : Derived("bias", zeros(channels));
        return Emit(
            "BatchNormalization",
            [input, gain, shift, Weight("running_mean", norm.running_mean), Weight("running_var", norm.running_var)],
            input.Type,
            input.Shape,
            ("epsilon", (float)norm.eps)
        );
    }

    /// <summary>softmax(q·kᵀ/√d + mask)·v of heads <c>[…, T, d]</c>.</summary>
    /// <param name="query"><c>[…, T, d]</c>.</param>
    /// <param name="key"><c>[…, S, d]</c>.</param>
    /// <param name="value"><c>[…, S, d]</c>.</param>
    /// <param name="mask">Added to the products, broadcast to <c>[…, T, S]</c>; or none.</param>
    public static OnnxValue Attention(OnnxValue query, OnnxValue key, OnnxValue value, OnnxValue? mask = null)
    {
        var scores = (query * (1 / Math.Sqrt(query.Size(-1)))).MatMul(key.Transpose(-1, -2));
        return (mask is null ? scores : scores + mask).Softmax().MatMul(value);
    }

    // A side after a window has gone over it.
    private static OnnxDim? Side(OnnxDim side, Func<long, long> after, bool same = false) =>
        side.IsKnown ? after(side.Size)
        : same ? side
        : null;

    internal OnnxValue Transposed(OnnxValue input, ConvTranspose2d layer)
    {
        var (kernel, pads) = (layer.kernel_size, layer.padding ?? [0, 0]);
        var extra = layer.output_padding ?? [0, 0];
        var sides = Enumerable
            .Range(0, 2)
            .Select(i =>
                Side(input.Shape[i + 2], n => (n - 1) * layer.stride[i] - 2 * pads[i] + layer.dilation[i] * (kernel[i] - 1) + extra[i] + 1)
            );
        List<OnnxValue?> inputs = [input, Weight("weight", layer.weight!)];
        if (layer.bias is { } bias)
            inputs.Add(Weight("bias", bias));
        return Emit(
            "ConvTranspose",
            inputs,
            input.Type,
            [input.Shape[0], layer.out_channels, .. sides],
            ("dilations", layer.dilation),
            ("group", layer.groups),
            ("kernel_shape", kernel),
            ("output_padding", extra),
            ("pads", (long[])[.. pads, .. pads]),
            ("strides", layer.stride)
        );
    }

    internal OnnxValue Pool(string op, OnnxValue input, long[] kernel, long[] stride, long[] padding, params (string, object)[] more)
    {
        long[] Pair(long[] of) => of.Length == 1 ? [of[0], of[0]] : of;
        var (size, step, pads) = (Pair(kernel), Pair(stride), Pair(padding));
        var sides = Enumerable
            .Range(0, 2)
            .Select(i =>
                Side(input.Shape[i + 2], n => (n + 2 * pads[i] - size[i]) / step[i] + 1, step[i] == 1 && 2 * pads[i] == size[i] - 1)
            );
        return Emit(
            op,
            [input],
            input.Type,
            [input.Shape[0], input.Shape[1], .. sides],
            [("kernel_shape", size), ("pads", (long[])[.. pads, .. pads]), ("strides", step), .. more]
        );
    }
}
