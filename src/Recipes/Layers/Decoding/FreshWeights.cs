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
    // The share of a normal distribution within three deviations, erf(3/√2).
    private const double WithinThree = 0.99730020393673979;

    /// <summary>A linear layer; its bias, if any, starts at 0.</summary>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="bias">Whether it has a bias.</param>
    /// <param name="fill">Draws the values of the weight <c>[outputs, inputs]</c>, in place.</param>
    public static Linear Linear(long inputs, long outputs, bool bias, Action<Tensor> fill) =>
        nn.Linear(Filled([outputs, inputs], fill), bias ? Filled([outputs], b => b.zero_()) : null);

    /// <summary>Draws from N(0, deviation²).</summary>
    public static Action<Tensor> Normal(double deviation) => t => t.normal_(0, deviation);

    /// <summary>Draws from N(0, deviation²) cut at ±3 deviations, by the inverse of its distribution.</summary>
    public static Action<Tensor> TruncatedNormal(double deviation) =>
        t => t.uniform_(-WithinThree, WithinThree).erfinv_().mul_(deviation * Math.Sqrt(2));

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
