using Recipes.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A 1x1 convolution as the matrix product that it is: [B, C, H, W] to [B, O, H, W]. Some builds of oneDNN divide by zero in their own.
internal sealed class SamPointwise : Module<Tensor, Tensor>, ICountedLayer
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    public SamPointwise(long channels, long output, bool bias)
        : base(nameof(SamPointwise))
    {
        var limit = 1 / Math.Sqrt(channels);
        Parameter Uniform(params long[] shape) => new((rand(shape) * (2 * limit) - limit).DetachFromDisposeScope());
        _weight = Uniform(output, channels, 1, 1);
        _bias = bias ? Uniform(output) : null;
        RegisterComponents();
    }

    public long WeightMacs(Tensor input) => input.shape[2] * input.shape[3] * _weight.numel();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (batch, channels, height, width) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3]);
        var output = _weight.reshape(-1, channels).matmul(input.reshape(batch, channels, -1)); // [B, O, H·W]
        if (_bias is not null)
            output = output + _bias.unsqueeze(-1);
        return output.reshape(batch, -1, height, width).MoveToOuterDisposeScope();
    }
}
