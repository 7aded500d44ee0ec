using Recipes.Onnx;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>The activations of the ten papers.</summary>
public enum Activation
{
    /// <summary>No activation.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x·Φ(x), exact (erf).</summary>
    Gelu,

    /// <summary>x·σ(1.702·x), OpenAI's approximation of GELU.</summary>
    QuickGelu,
}

/// <summary>Applies an <see cref="Activation"/>.</summary>
public static class ActivationExtensions
{
    /// <summary>The activation of a tensor of any shape.</summary>
    public static Tensor Apply(this Activation activation, Tensor input) =>
        activation switch
        {
            Activation.Relu => nn.functional.relu(input),
            Activation.Gelu => nn.functional.gelu(input),
            Activation.QuickGelu => Quick(input),
            _ => input.alias(),
        };

    /// <summary>The same in ONNX.</summary>
    public static OnnxValue Apply(this Activation activation, OnnxValue input) =>
        activation switch
        {
            Activation.Relu => input.Relu(),
            Activation.Gelu => input.Gelu(),
            Activation.QuickGelu => input * (input * 1.702).Sigmoid(),
            _ => input,
        };

    private static Tensor Quick(Tensor input)
    {
        using var scaled = input * 1.702;
        using var gate = scaled.sigmoid_();
        return input * gate;
    }
}
