namespace Recipes.Data;

/// <summary>
/// What happens to a training picture, its maps and boxes alike: a random rectangle resized to the whole, mirroring. Pictures are resized
/// bilinearly, maps take the nearest pixel. Depths stay the metres that they are.
/// </summary>
/// <param name="MinScale">Least part of the area that is kept; 1 keeps all of it.</param>
/// <param name="MinRatio">Least width over height, of that of the result.</param>
/// <param name="MaxRatio">Greatest width over height.</param>
/// <param name="Flip">How often left and right are mirrored.</param>
public sealed record DenseAugment(double MinScale, double MinRatio, double MaxRatio, double Flip)
{
    /// <summary>Nothing.</summary>
    public static DenseAugment None { get; } = new(1, 1, 1, 0);

    /// <summary>Crops of at least half of the area, mirrored half of the time.</summary>
    public static DenseAugment Usual { get; } = new(0.5, 3.0 / 4, 4.0 / 3, 0.5);

    /// <summary>Everything that is out of range, one line each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!(MinScale is > 0.01 and <= 1))
            problems.Add($"augment.minScale: expected above 0.01 to 1, found {MinScale}");
        if (!(MinRatio > 0 && MinRatio <= MaxRatio && double.IsFinite(MaxRatio)))
            problems.Add($"augment.ratio: expected a rising range above 0, found {MinRatio} to {MaxRatio}");
        if (!(Flip is >= 0 and <= 1))
            problems.Add($"augment.flip: expected 0 to 1, found {Flip}");
        return problems;
    }

    /// <summary>A rectangle of a picture and whether to mirror it, from a stream of random numbers; the largest middle one of the result's shape when nothing is random.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="ratio">Width over height of the result.</param>
    /// <param name="rng">The stream.</param>
    internal (PixelBox Box, bool Mirrored) Choose(int width, int height, double ratio, ref Rng rng)
    {
        var (fullWidth, fullHeight) = Fit(width, height, ratio);
        if (MinScale == 1 && MinRatio == 1 && MaxRatio == 1)
            return (Middle(width, height, ratio), rng.NextBool(Flip));
        var scale = rng.NextDouble(MinScale, 1);
        var stretch = Math.Exp(rng.NextDouble(Math.Log(MinRatio), Math.Log(MaxRatio)));
        var w = Math.Clamp((int)Math.Round(Math.Sqrt(scale * stretch) * fullWidth), 1, width);
        var h = Math.Clamp((int)Math.Round(Math.Sqrt(scale / stretch) * fullHeight), 1, height);
        var (left, top) = (rng.NextInt(width - w + 1), rng.NextInt(height - h + 1));
        return (new PixelBox(left, top, left + w, top + h), rng.NextBool(Flip));
    }

    /// <summary>The largest middle rectangle of this shape.</summary>
    internal static PixelBox Middle(int width, int height, double ratio)
    {
        var (w, h) = Fit(width, height, ratio);
        var (left, top) = ((width - w) / 2, (height - h) / 2);
        return new PixelBox(left, top, left + w, top + h);
    }

    private static (int Width, int Height) Fit(int width, int height, double ratio) =>
        width > height * ratio
            ? (Math.Clamp((int)Math.Round(height * ratio), 1, width), height)
            : (width, Math.Clamp((int)Math.Round(width / ratio), 1, height));
}
