using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// The training-mode sum of a depthwise block's branches (3x3, padding 1: k convolutions, a 1x1 convolution, a skip, each
/// normalised) as one depthwise convolution, on the CPU (see <see cref="BranchSet"/> for the idea).
/// </summary>
/// <remarks>
/// Per channel: sums over patches give the 9x9 covariance C and mean μ (in float64, so large means cost no accuracy), these
/// the variance w_jᵀCw_j of every branch, W = Σ a_j w_j, b = Σβ − W·μ and y = W·p + b. Backwards a patch receives
/// W·g + S·p + t with S = (2/M)·∂C; overlapping patches add up, which is a 5x5 correlation of the input with coefficients
/// that differ only at the border. One work item does all of that for one vector of channels, so results do not depend
/// on the number of threads.
/// </remarks>
internal sealed unsafe class DepthwiseTraining : autograd.SingleTensorFunction<DepthwiseTraining>
{
    private static readonly ConcurrentDictionary<(int, int, int), DepthwisePlan> s_plans = new();

    /// <inheritdoc/>
    public override string Name => nameof(DepthwiseTraining);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var set = (BranchSet)vars[^1];
        using var scope = NewDisposeScope();
        var input = (Tensor)vars[0];
        var x = input.permute(0, 2, 3, 1).contiguous(); // [B, H, W, C], no copy when channels-last
        var (batch, channels) = (x.shape[0], x.shape[3]);
        var plan = s_plans.GetOrAdd(((int)x.shape[1], (int)x.shape[2], (int)set.Stride), k => new DepthwisePlan(k.Item1, k.Item2, k.Item3));
        var state = new DepthwiseState(plan, set, vars, batch, (int)channels);
        var (height, width) = (plan.OutHeight, plan.OutWidth);
        var y = empty_strided([batch, channels, height, width], [height * width * channels, 1, width * channels, channels], x.dtype);
        if (x.dtype == ScalarType.Float64)
            new DepthwisePass<double>(state).Forward(x, y.permute(0, 2, 3, 1));
        else
            new DepthwisePass<float>(state).Forward(x, y.permute(0, 2, 3, 1));
        for (var j = 0; j < set.Count; j++)
            set.Track(j, Row(state.Means, j, x.dtype), Row(state.Variances, j, x.dtype), state.Count);
        ctx.save_for_backward([x.MoveToOuterDisposeScope(), y.MoveToOuterDisposeScope()]);
        ctx.save_data("input", input.requires_grad);
        ctx.save_data("state", state);
        return y;

        Tensor Row(double[] rows, int j, ScalarType type) => tensor(rows.AsSpan(j * (int)channels, (int)channels).ToArray(), type);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var state = (DepthwiseState)ctx.get_data("state");
        var saved = ctx.get_saved_variables();
        var (x, y) = (saved[0], saved[1].permute(0, 2, 3, 1));
        var g = grad_output.permute(0, 2, 3, 1).contiguous();
        var dx = (bool)ctx.get_data("input") ? empty(x.shape, x.dtype) : null;
        var (n, channels) = (state.Set.Count, state.Channels);
        var (dkernels, dscales, dshift) = (new double[n * channels * PatchMoments.Taps], new double[n * channels], new double[channels]);
        if (x.dtype == ScalarType.Float64)
            new DepthwisePass<double>(state).Backward(x, y, g, dx, dkernels, dscales, dshift);
        else
            new DepthwisePass<float>(state).Backward(x, y, g, dx, dkernels, dscales, dshift);
        var kernels = tensor(dkernels, x.dtype).view(n, channels, 1, 3, 3);
        var scales = tensor(dscales, x.dtype).view(n, channels);
        var shift = tensor(dshift, x.dtype);
        var gradients = new List<Tensor?> { dx?.permute(0, 3, 1, 2) };
        for (var j = 0; j < state.Set.Kernels; j++)
            gradients.Add(state.Set.KernelSize(j) == 1 ? kernels[j].narrow(2, 1, 1).narrow(3, 1, 1) : kernels[j]);
        gradients.AddRange(Enumerable.Range(0, n).Select(j => scales[j]));
        gradients.AddRange(Enumerable.Repeat(shift, n));
        gradients.Add(null);
        grad_output.Dispose();
        return NativeGradients.Hand(gradients)!;
    }
}
