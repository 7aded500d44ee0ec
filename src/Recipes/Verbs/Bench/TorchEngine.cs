using Recipes.Layers;
using Recipes.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>How libtorch runs a network for use rather than for training.</summary>
public static class TorchEngine
{
    /// <summary>
    /// A copy in evaluation mode with its weights laid out for speed, once, so that no forward pass has to. Convolutions take the
    /// layout from their weights: images may come in either.
    /// </summary>
    /// <param name="model">Any module that can be copied; it stays as it is.</param>
    /// <param name="layout">Channels innermost; <c>Auto</c> on the CPU, where that was measured faster (bench <c>layouts</c>).</param>
    /// <param name="precision"><c>Auto</c> leaves weights as they are. With bf16 outputs change in the third digit, and inputs must be bf16.</param>
    /// <exception cref="RecipesException">A part of the module cannot be copied.</exception>
    public static T Prepare<T>(T model, ChannelsLast layout = ChannelsLast.Auto, Precision precision = Precision.Auto)
        where T : Module
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var copy = Modules.Copy(model);
        copy.eval();
        if (precision == Precision.Bf16)
            copy.to(ScalarType.BFloat16);
        if (copy.parameters().FirstOrDefault() is { } any && Layout.ChannelsLastFor(layout, any))
        {
            foreach (var convolution in copy.modules().OfType<Conv2d>())
                convolution.weight = new Parameter(Layout.ChannelsInnermost(convolution.weight!), requires_grad: false);
        }
        return copy;
    }
}
