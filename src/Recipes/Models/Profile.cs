using Recipes.Display;
using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// What a network costs for one image: trainable parameters, buffers, multiply-accumulates of convolutions and linear
/// layers and within attention (the papers' "FLOPs"; normalisation and activations are not counted), and elements that
/// convolutions and normalisations write.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed partial record Profile(long Parameters, long Buffers, long Macs, long Activations, int Convolutions, int Norms)
{
    /// <summary>Multiply-accumulates within attention (q·kᵀ and its product with v), which are part of <see cref="Macs"/>.</summary>
    public long AttentionMacs { get; init; }

    /// <summary>Measures a module in evaluation mode on one random input of this shape, without the batch.</summary>
    /// <param name="module">Any module; its mode is restored.</param>
    /// <param name="input">Channels, height, width.</param>
    public static Profile Of(Module<Tensor, Tensor> module, params long[] input)
    {
        var any = module.parameters().First();
        using var batch = rand([1, .. input], any.dtype, any.device);
        return Of(module, batch);
    }

    /// <summary>Measures a module in evaluation mode on one sample, a batch of one.</summary>
    public static Profile Of(Module<Tensor, Tensor> module, Tensor batch) => Of(module, () => module.call(batch).Dispose());

    /// <summary>Measures what a module and its parts do while something runs; the module is in evaluation mode meanwhile.</summary>
    internal static Profile Of(Module module, Action run)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        long macs = 0,
            attentionMacs = 0,
            activations = 0;
        var mode = module.training;
        var hooks = new List<Action>();
        var modules = module.modules().Append(module).Distinct().ToList();
        foreach (var part in modules)
        {
            if (part is Module<Tensor, Tensor> layer and (TorchSharp.Modules.Convolution or TorchSharp.Modules.Linear))
                hooks.Add(layer.register_forward_hook((m, x, y) => Count(y, LayerMacs.Of(m, x, y), writes: m is Convolution)).remove);
            else if (part is ICountedLayer and Module<Tensor, Tensor> attention)
                hooks.Add(
                    attention.register_forward_hook((m, x, y) => Attend(y, ((ICountedLayer)m).ProductMacs(x), LayerMacs.Of(m, x, y))).remove
                );
            else if (part is ICountedLayer and Module<Tensor, Tensor, Tensor, Tensor> cross)
                hooks.Add(cross.register_forward_hook((m, q, k, _, y) => Products(y, ((ICountedLayer)m).ProductMacs(q, k))).remove);
            else if (part is BatchNorm2d norm)
                hooks.Add(norm.register_forward_hook((_, _, y) => Count(y, 0)).remove);
        }
        try
        {
            module.eval();
            run();
        }
        finally
        {
            module.train(mode);
            hooks.ForEach(remove => remove());
        }
        return new Profile(
            module.parameters().Sum(p => p.numel()),
            module.buffers().Sum(b => b.numel()),
            macs,
            activations,
            modules.Count(m => m is Conv2d),
            modules.Count(m => m is BatchNorm2d)
        )
        {
            AttentionMacs = attentionMacs,
        };

        Tensor Attend(Tensor output, long products, long all)
        {
            attentionMacs += products;
            return Count(output, all, writes: false);
        }

        Tensor Products(Tensor output, long products) => Attend(output, products, products);

        Tensor Count(Tensor output, long multiplications, bool writes = true)
        {
            macs += multiplications;
            activations += writes ? output.numel() / output.shape[0] : 0;
            return output;
        }
    }
}
