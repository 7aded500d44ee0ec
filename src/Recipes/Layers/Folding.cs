using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// The algebra of folding (MobileOne, sec. 3.2; RepVGG, sec. 3.3): with evaluation statistics a branch is linear, so
/// kernels and biases of branches add up. All arithmetic is in float64 and rounded once at the end.
/// </summary>
public static class Folding
{
    /// <summary>A convolution's kernel and bias in float64: <c>[Cout, Cin/groups, K, K]</c> and <c>[Cout]</c>.</summary>
    public readonly record struct Kernel(Tensor Weight, Tensor Bias)
    {
        /// <summary>The sum of two parallel branches.</summary>
        public static Kernel operator +(Kernel a, Kernel b) => Add(a, b);

        /// <summary>The sum of two parallel branches.</summary>
        public static Kernel Add(Kernel left, Kernel right) => new(left.Weight + right.Weight, left.Bias + right.Bias);

        /// <summary>The difference of two parallel branches.</summary>
        public static Kernel operator -(Kernel a, Kernel b) => new(a.Weight - b.Weight, a.Bias - b.Bias);

        /// <summary>The same operation with a larger, zero-padded kernel.</summary>
        public Kernel PadTo(long kernel)
        {
            var margin = (kernel - Weight.shape[^1]) / 2;
            return margin == 0 ? this : this with { Weight = nn.functional.pad(Weight, [margin, margin, margin, margin]) };
        }

        /// <summary>The operation followed by a factor per output channel.</summary>
        /// <param name="factor">One number a channel, any shape of that many.</param>
        public Kernel Times(Tensor factor)
        {
            var wide = factor.to(ScalarType.Float64).flatten();
            return new Kernel(Weight * wide.reshape(-1, 1, 1, 1), Bias * wide);
        }

        /// <summary>The operation followed by a normalisation: W' = (γ/σ)·W, b' = β + (b − μ)·γ/σ, σ = √(var + eps).</summary>
        public Kernel Then(BatchNorm2d norm)
        {
            var scale = norm.weight!.to(ScalarType.Float64) / (norm.running_var!.to(ScalarType.Float64) + norm.eps).sqrt();
            var bias = norm.bias!.to(ScalarType.Float64) + (Bias - norm.running_mean!.to(ScalarType.Float64)) * scale;
            return new Kernel(Weight * scale.reshape(-1, 1, 1, 1), bias);
        }
    }

    /// <summary>The kernel of a convolution and the normalisation behind it.</summary>
    public static Kernel Of(ConvNorm branch) => Of(branch.Convolution).Then(branch.Norm);

    /// <summary>The kernel of a convolution.</summary>
    public static Kernel Of(Conv2d convolution)
    {
        var weight = convolution.weight!.to(ScalarType.Float64);
        return new Kernel(weight, convolution.bias?.to(ScalarType.Float64) ?? zeros(weight.shape[0], ScalarType.Float64, weight.device));
    }

    /// <summary>The kernel that returns its input: one at the centre of its own channel.</summary>
    public static Kernel Identity(long channels, long groups, long kernel, Device device) =>
        Identity(channels, groups, kernel, kernel, device);

    /// <summary>The kernel of height and width that returns its input: one at the centre of its own channel.</summary>
    public static Kernel Identity(long channels, long groups, long height, long width, Device device)
    {
        var perGroup = channels / groups;
        var weight = zeros([channels, perGroup, height, width], ScalarType.Float64, device);
        var each = arange(channels, device: device);
        weight[each, each % perGroup, height / 2, width / 2] = ones(1, ScalarType.Float64, device);
        return new Kernel(weight, zeros(channels, ScalarType.Float64, device));
    }

    /// <summary>A convolution of a folded kernel, size kept at stride 1, of the type and device of another tensor.</summary>
    public static Conv2d Convolution(Kernel folded, long stride, long groups, Tensor like)
    {
        var shape = folded.Weight.shape;
        var (height, width) = (shape[2], shape[3]);
        var convolution = nn.Conv2d(
            shape[1] * groups,
            shape[0],
            (height, width),
            (stride, stride),
            (height / 2, width / 2),
            groups: groups
        );
        convolution.to(like.device).to(like.dtype);
        Assign(folded, convolution);
        return convolution;
    }

    /// <summary>Copies a folded kernel into a convolution with bias, in the convolution's own type.</summary>
    public static void Assign(Kernel folded, Conv2d convolution)
    {
        using var _ = no_grad();
        convolution.weight!.copy_(folded.Weight);
        convolution.bias!.copy_(folded.Bias);
    }
}
