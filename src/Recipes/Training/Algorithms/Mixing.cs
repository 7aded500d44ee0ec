using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>A rectangle of pixels, half open.</summary>
/// <param name="Top">First row.</param>
/// <param name="Left">First column.</param>
/// <param name="Bottom">Row after the last.</param>
/// <param name="Right">Column after the last.</param>
public readonly record struct PixelBox(int Top, int Left, int Bottom, int Right)
{
    /// <summary>Pixels inside.</summary>
    public int Area => (Bottom - Top) * (Right - Left);
}

/// <summary>Mixup and cutmix as functions: each image is combined with another one of its batch, and the targets likewise.</summary>
public static class Mixing
{
    /// <summary>λ·x + (1 − λ)·x[partner], and the same of the targets.</summary>
    /// <param name="inputs"><c>[B, …]</c>.</param>
    /// <param name="targets">Soft targets <c>[B, C]</c>.</param>
    /// <param name="partners">The partner of each image, <c>[B]</c> int64.</param>
    /// <param name="lambda">Share of the image itself, 0 to 1.</param>
    public static (Tensor Inputs, Tensor Targets) Mixup(Tensor inputs, Tensor targets, Tensor partners, double lambda) =>
        (Blend(inputs, partners, lambda), Blend(targets, partners, lambda));

    /// <summary>The partner's pixels inside the box, the image's own outside; targets are blended by area.</summary>
    /// <param name="inputs"><c>[B, C, H, W]</c>.</param>
    /// <param name="targets">Soft targets <c>[B, C]</c>.</param>
    /// <param name="partners">The partner of each image, <c>[B]</c> int64.</param>
    /// <param name="box">Inside the image.</param>
    public static (Tensor Inputs, Tensor Targets) CutMix(Tensor inputs, Tensor targets, Tensor partners, PixelBox box)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (inputs.shape[2], inputs.shape[3]);
        var mixed = inputs.clone();
        if (box.Area > 0)
        {
            var patch = inputs.narrow(2, box.Top, box.Bottom - box.Top).narrow(3, box.Left, box.Right - box.Left);
            mixed.narrow(2, box.Top, box.Bottom - box.Top).narrow(3, box.Left, box.Right - box.Left).copy_(patch.index_select(0, partners));
        }
        var lambda = 1 - (double)box.Area / (height * width);
        return (mixed.MoveToOuterDisposeScope(), Blend(targets, partners, lambda).MoveToOuterDisposeScope());
    }

    /// <summary>A box of about 1 − λ of the area with the image's proportions, around a uniform point, cut at the borders.</summary>
    public static PixelBox Box(int height, int width, double lambda, ref Rng rng)
    {
        var side = Math.Sqrt(1 - lambda);
        var (halfHeight, halfWidth) = ((int)(height * side) / 2, (int)(width * side) / 2);
        var (y, x) = (rng.NextInt(height), rng.NextInt(width));
        return new PixelBox(
            Math.Max(0, y - halfHeight),
            Math.Max(0, x - halfWidth),
            Math.Min(height, y + halfHeight),
            Math.Min(width, x + halfWidth)
        );
    }

    /// <summary>A number from Beta(α, α).</summary>
    public static double Beta(double alpha, ref Rng rng)
    {
        var (a, b) = (LogGamma(alpha, ref rng), LogGamma(alpha, ref rng));
        return 1 / (1 + Math.Exp(b - a));
    }

    // The logarithm of a number from Gamma(shape, 1), after Marsaglia and Tsang; logarithms keep tiny shapes exact.
    private static double LogGamma(double shape, ref Rng rng)
    {
        if (shape < 1)
            return LogGamma(shape + 1, ref rng) + Math.Log(1 - rng.NextDouble()) / shape;
        var d = shape - 1 / 3.0;
        while (true)
        {
            var normal = rng.NextNormal();
            var v = Math.Pow(1 + normal / Math.Sqrt(9 * d), 3);
            if (v > 0 && Math.Log(1 - rng.NextDouble()) < normal * normal / 2 + d - d * v + d * Math.Log(v))
                return Math.Log(d * v);
        }
    }

    private static Tensor Blend(Tensor own, Tensor partners, double lambda)
    {
        using var scope = NewDisposeScope();
        return (own * lambda + own.index_select(0, partners) * (1 - lambda)).MoveToOuterDisposeScope();
    }
}
