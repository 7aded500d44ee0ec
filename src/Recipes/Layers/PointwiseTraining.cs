using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// The training-mode sum of k normalised 1x1 convolutions and a normalised skip as one matrix product (see
/// <see cref="BranchSet"/> for the idea).
/// </summary>
/// <remarks>
/// With X the M = B·H·W positions of the input, centred, and Σ = XᵀX/M: branch j has variance diag(W_j Σ W_jᵀ) and, centred
/// by its mean, the output X·W_jᵀ; the skip has variance diag Σ. So with a = γ/√(var + eps) the sum is
/// <c>y = X·Wᵀ + Σβ, W = Σ_j a_j W_j + diag a_skip</c>. Backwards, with G = ∂L/∂y: ∂W = GᵀX, ∂a_j = rows of (W_j ∘ ∂W),
/// ∂var_j = −½·∂a_j·γ_j·(var_j + eps)^(−3/2), ∂W_j = a_j ∂W + 2 ∂var_j (W_j Σ), ∂Σ = Σ_j W_jᵀ diag(∂var_j) W_j + diag ∂var_skip,
/// and <c>∂X = G·W + (2/M)·X·∂Σ</c>, less its mean. Seven products, two of them over weights only, replace 3k over positions,
/// and nothing of k-fold size is written. Centring first keeps the variances exact where means are large.
/// Larger kernels are the same over patches (Cin is then channels times taps), for inputs that need no gradient: the stem.
/// </remarks>
internal sealed class PointwiseTraining : autograd.SingleTensorFunction<PointwiseTraining>
{
    /// <inheritdoc/>
    public override string Name => nameof(PointwiseTraining);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var set = (BranchSet)vars[^1];
        using var scope = NewDisposeScope();
        var input = (Tensor)vars[0];
        var patches = set.Patches(input); // [B, H, W, Cin], no copy when channels-last
        var (batch, height, width, cin) = (patches.shape[0], patches.shape[1], patches.shape[2], patches.shape[3]);
        var count = batch * height * width;
        var positions = patches.reshape(-1, cin); // [M, Cin]
        var mean = positions.mean([0]);
        var x = positions - mean;
        var covariance = mm(x.t(), x).div_(count);
        var cout = ((Tensor)vars[1]).shape[0];
        var weights = cat(set.Weights(vars).Select(set.Flatten).ToList()); // [k·Cout, Cin]
        var projected = mm(weights, covariance); // [k·Cout, Cin]
        var variance = (projected * weights).sum([1]).clamp_min_(0).view(-1, cout); // [k, Cout]
        var (k, skip) = (set.Kernels, set.HasSkip);
        var own = mv(weights, mean).view(-1, cout);
        for (var j = 0; j < k; j++)
            set.Track(j, own[j], variance[j], count);
        if (skip)
        {
            var diagonal = covariance.diagonal();
            set.Track(k, mean, diagonal, count);
            variance = cat([variance, diagonal.unsqueeze(0)]);
        }
        var inverse = variance.add(set.Epsilon).rsqrt_(); // [branches, Cout]
        var scales = stack(set.Scales(vars).ToList());
        var a = scales * inverse;
        var merged = (a.narrow(0, 0, k).unsqueeze(-1) * weights.view(k, cout, cin)).sum([0]); // [Cout, Cin]
        if (skip)
            merged.diagonal().add_(a[k]);
        var y = empty_strided([batch, cout, height, width], [height * width * cout, 1, width * cout, cout], x.dtype);
        var flat = y.permute(0, 2, 3, 1).view(-1, cout);
        flat.copy_(stack(set.Shifts(vars).ToList()).sum([0])).addmm_(x, merged.t(), 1, 1);
        if (set.Relu)
            flat.relu_();
        Tensor[] saved = [x, weights, projected, inverse, scales, merged, y];
        ctx.save_for_backward([.. saved.Select(t => t.MoveToOuterDisposeScope())]);
        ctx.save_data("input", input.requires_grad);
        ctx.save_data("set", set);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var set = (BranchSet)ctx.get_data("set");
        var saved = ctx.get_saved_variables();
        var (x, weights, projected, inverse, scales, merged, y) = (saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6]);
        var (k, cout, cin) = (set.Kernels, merged.shape[0], merged.shape[1]);
        var g = grad_output.permute(0, 2, 3, 1).reshape(-1, cout);
        if (set.Relu)
            g = g * y.permute(0, 2, 3, 1).view(-1, cout).gt(0);
        var shift = g.sum([0]); // ∂β, the same for every branch
        var total = mm(g.t(), x); // ∂W
        var weights3 = weights.view(k, cout, cin);
        var a = scales * inverse;
        var da = (weights3 * total).sum([2]); // [k, Cout]
        if (set.HasSkip)
            da = cat([da, total.diagonal().unsqueeze(0)]);
        var dscale = da * inverse;
        var dvariance = dscale * scales * inverse.square() * -0.5;
        var dkernels = dvariance.narrow(0, 0, k).reshape(-1, 1);
        var dweights = (projected * dkernels).mul_(2).view(k, cout, cin).add_(a.narrow(0, 0, k).unsqueeze(-1) * total);
        Tensor? dx = null;
        if ((bool)ctx.get_data("input"))
        {
            var dcovariance = mm((weights * dkernels).t(), weights);
            if (set.HasSkip)
                dcovariance.diagonal().add_(dvariance[k]);
            dx = empty([x.shape[0], cin], x.dtype).copy_(mv(merged.t(), shift).div_(-x.shape[0]));
            dx.addmm_(g, merged, 1, 1).addmm_(x, dcovariance.mul_(2.0 / x.shape[0]), 1, 1);
            var s = y.shape;
            dx = dx.view(s[0], s[2], s[3], cin).permute(0, 3, 1, 2);
        }
        var gradients = new List<Tensor?> { dx };
        gradients.AddRange(Enumerable.Range(0, k).Select(j => set.Unflatten(j, dweights[j])));
        gradients.AddRange(Enumerable.Range(0, set.Count).Select(j => dscale[j]));
        gradients.AddRange(Enumerable.Repeat(shift, set.Count));
        gradients.Add(null);
        grad_output.Dispose();
        return NativeGradients.Hand(gradients)!;
    }
}
