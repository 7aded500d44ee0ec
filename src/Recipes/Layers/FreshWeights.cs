using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Layers;

/// <summary>
/// Linear layers and parameters whose values are drawn once, by the given rule. The framework's own constructors first draw
/// their default values, which for a language model's matrices takes longer than all else.
/// </summary>
public static class FreshWeights
{
    // The share of a normal distribution within two and three deviations, erf(n/√2).
    private const double WithinTwo = 0.95449973610364158;
    private const double WithinThree = 0.99730020393673979;

    /// <summary>A linear layer; its bias, if any, starts at 0.</summary>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="bias">Whether it has a bias.</param>
    /// <param name="fill">Draws the values of the weight <c>[outputs, inputs]</c>, in place.</param>
    public static Linear Linear(long inputs, long outputs, bool bias, Action<Tensor> fill) =>
        nn.Linear(Filled([outputs, inputs], fill), bias ? Filled([outputs], b => b.zero_()) : null);

    /// <summary>A 1x1 convolution with a bias that starts at 0.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="fill">Draws the values of the weight <c>[outputs, inputs, 1, 1]</c>, in place.</param>
    public static Conv2d Pointwise(long inputs, long outputs, Action<Tensor> fill)
    {
        // On the device "meta" the constructor draws nothing.
        var convolution = nn.Conv2d(inputs, outputs, 1, device: new Device("meta"));
        convolution.weight = Filled([outputs, inputs, 1, 1], fill);
        convolution.bias = Filled([outputs], b => b.zero_());
        return convolution;
    }

    /// <summary>Draws from N(0, deviation²).</summary>
    public static Action<Tensor> Normal(double deviation) => t => t.normal_(0, deviation);

    /// <summary>Draws from N(0, deviation²) cut at ±3 deviations, by the inverse of its distribution.</summary>
    public static Action<Tensor> TruncatedNormal(double deviation) => Truncated(deviation, WithinThree);

    /// <summary>Draws from N(0, deviation²) cut at ±2 deviations.</summary>
    public static Action<Tensor> TruncatedAtTwo(double deviation) => Truncated(deviation, WithinTwo);

    private static Action<Tensor> Truncated(double deviation, double within) =>
        t => t.uniform_(-within, within).erfinv_().mul_(deviation * Math.Sqrt(2));

    /// <summary>A float32 parameter of this shape. It belongs to its module, whatever scope it is made in.</summary>
    public static Parameter Filled(long[] shape, Action<Tensor> fill)
    {
        using var _ = no_grad();
        var values = zeros(shape); // all threads take the pages from the system; drawing, which one thread does, then finds them
        fill(values);
        var parameter = new Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
