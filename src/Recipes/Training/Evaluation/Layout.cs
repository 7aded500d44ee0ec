using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Where and how inputs lie in memory.</summary>
internal static class Layout
{
    /// <summary>Moves inputs to the weights' device and floating-point type, images with channels innermost if asked.</summary>
    public static Tensor Prepare(Tensor inputs, Tensor like, bool channelsLast)
    {
        if (inputs.is_floating_point())
            inputs = inputs.to(like.dtype, like.device);
        else
            inputs = inputs.to(like.device);
        return channelsLast && inputs.dim() == 4 ? ChannelsInnermost(inputs) : inputs;
    }

    /// <summary>The same <c>[B, C, H, W]</c> tensor, stored as <c>[B, H, W, C]</c>; no copy if it already is.</summary>
    public static Tensor ChannelsInnermost(Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    public static bool ChannelsLastFor(ChannelsLast choice, Tensor like) =>
        choice == ChannelsLast.On || (choice == ChannelsLast.Auto && like.device_type == DeviceType.CPU);
}
