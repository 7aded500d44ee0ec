using Recipes.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// Multiply-accumulates of one layer for one sample: convolutions, linear layers, and the products within attention; all else
// counts as none.
internal static class LayerMacs
{
    public static long Of(Module layer, Tensor input, Tensor output)
    {
        var batch = Math.Max(1, output.dim() == 0 ? 1 : output.shape[0]);
        return layer switch
        {
            Convolution { transposed: true } conv => input.numel() / batch * (conv.weight!.numel() / conv.in_channels),
            Convolution conv => output.numel() / batch * (conv.weight!.numel() / conv.out_channels),
            Linear linear => output.numel() / batch * linear.in_features,
            ICountedLayer attention => attention.ProductMacs(input) + attention.WeightMacs(input),
            _ => 0,
        };
    }
}
