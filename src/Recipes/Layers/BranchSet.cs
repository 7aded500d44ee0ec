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
