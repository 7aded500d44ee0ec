using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// The parallel branches of one block, each linear in the same input and followed by its own normalisation, as the
/// arguments of one differentiable function (<see cref="PointwiseTraining"/>, <see cref="DepthwiseTraining"/>).
/// </summary>
/// <remarks>
/// In training mode too the sum of the branches is one convolution: a branch y_j = w_j·p of the patch p has the mean
/// w_j·E[p] and the variance w_jᵀ·Cov(p)·w_j, so the moments of the patches give every branch's batch statistics
/// without computing any y_j. Order of tensors: input, kernels, scales γ, shifts β; the skip branch, which has no kernel,
/// is the last norm.
/// </remarks>
internal sealed class BranchSet(IReadOnlyList<Conv2d> convolutions, IReadOnlyList<BatchNorm2d> norms, long stride, bool relu)
{
    private readonly int _kernels = convolutions.Count;

    public int Count => norms.Count;

    public int Kernels => _kernels;

    public bool HasSkip => norms.Count > _kernels;

    public long Stride => stride;

    public bool Relu => relu;

    public long KernelSize(int branch) => convolutions[branch].weight!.shape[^1];

    public double Epsilon => norms[0].eps;

    public object[] Arguments(Tensor input) =>
        [input, .. convolutions.Select(c => c.weight!), .. norms.Select(n => n.weight!), .. norms.Select(n => n.bias!), this];

    public IEnumerable<Tensor> Weights(object[] arguments) => arguments.Skip(1).Take(_kernels).Cast<Tensor>();

    public IEnumerable<Tensor> Scales(object[] arguments) => arguments.Skip(1 + _kernels).Take(Count).Cast<Tensor>();

    public IEnumerable<Tensor> Shifts(object[] arguments) => arguments.Skip(1 + _kernels + Count).Take(Count).Cast<Tensor>();

    /// <summary>What each output position sees, taps before channels: <c>[B, H, W, K·K·C]</c> of an input <c>[B, C, H·stride, W·stride]</c>.</summary>
    public Tensor Patches(Tensor input)
    {
        var x = input.permute(0, 2, 3, 1);
        var kernel = KernelSize(0);
        if (kernel == 1)
            return x;
        var (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        var margin = kernel / 2;
        x = nn.functional.pad(x, [0, 0, margin, margin, margin, margin]).contiguous();
        var strides = x.stride();
        long[] sizes = [batch, ((height - 1) / stride) + 1, ((width - 1) / stride) + 1, kernel, kernel, channels];
        x = x.as_strided(sizes, [strides[0], strides[1] * stride, strides[2] * stride, strides[1], strides[2], strides[3]]);
        return x.reshape(sizes[0], sizes[1], sizes[2], kernel * kernel * channels);
    }

    /// <summary>A kernel <c>[Cout, C, K', K']</c> over the patches, zero around smaller ones: <c>[Cout, K·K·C]</c>.</summary>
    public Tensor Flatten(Tensor weight)
    {
        var margin = (KernelSize(0) - weight.shape[^1]) / 2;
        return nn.functional.pad(weight, [margin, margin, margin, margin]).permute(0, 2, 3, 1).reshape(weight.shape[0], -1);
    }

    /// <summary>The inverse of <see cref="Flatten"/> for one branch.</summary>
    public Tensor Unflatten(int branch, Tensor rows)
    {
        var (kernel, own) = (KernelSize(0), KernelSize(branch));
        var margin = (kernel - own) / 2;
        return rows.view(rows.shape[0], kernel, kernel, -1).permute(0, 3, 1, 2).narrow(2, margin, own).narrow(3, margin, own);
    }

    /// <summary>Whether all is as built: kernels without bias, norms that train with affine parameters and statistics of one type.</summary>
    public bool IsRegular(ScalarType type) =>
        norms.All(n =>
            n.training
            && n.eps == Epsilon
            && n.weight?.dtype == type
            && n.bias?.dtype == type
            && n.running_mean?.dtype == type
            && n.running_var?.dtype == type
            && n.num_batches_tracked is not null
        ) && convolutions.All(c => c.bias is null && c.weight!.dtype == type);

    /// <summary>Moves the running statistics of one norm as batch normalisation does.</summary>
    /// <param name="branch">Index of the norm.</param>
    /// <param name="mean">Batch mean <c>[C]</c>.</param>
    /// <param name="variance">Biased batch variance <c>[C]</c>.</param>
    /// <param name="count">Values per channel; the running variance is the unbiased one.</param>
    public void Track(int branch, Tensor mean, Tensor variance, long count)
    {
        var norm = norms[branch];
        norm.num_batches_tracked!.add_(1);
        var momentum = norm.momentum ?? 1.0 / norm.num_batches_tracked.ToInt64();
        norm.running_mean!.mul_(1 - momentum).add_(mean, momentum);
        norm.running_var!.mul_(1 - momentum).add_(variance, momentum * count / (count - 1.0));
    }
}
