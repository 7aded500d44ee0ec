namespace Recipes.Data;

/// <summary>
/// What a stored augmentation is drawn from: torchvision's RandomResizedCrop and RandAugment, as the official recipe of
/// dataset reinforcement sets them (MobileCLIP sec. 7).
/// </summary>
public sealed record StoredAugmentationPolicy
{
    private const int Bins = 31;
    private const int Tries = 10;

    /// <summary>The official recipe: crops of 0.08 to 1 of the area, two operations of magnitude 9 of 31.</summary>
    public static StoredAugmentationPolicy Strong { get; } = new();

    /// <summary>Crops of 0.4 to 1 of the area, no operations.</summary>
    public static StoredAugmentationPolicy Weak { get; } = new() { MinScale = 0.4, Probability = 0 };

    /// <summary>Crops of 0.7 to 1 of the area, no operations: for trainings of some thousand steps, which stronger ones only slow.</summary>
    public static StoredAugmentationPolicy Mild { get; } = Weak with { MinScale = 0.7 };

    /// <summary>Least part of the area that a crop keeps.</summary>
    /// <value>0.08.</value>
    public double MinScale { get; init; } = 0.08;

    /// <summary>Greatest part.</summary>
    /// <value>1.</value>
    public double MaxScale { get; init; } = 1;

    /// <summary>Least width over height.</summary>
    /// <value>3/4.</value>
    public double MinRatio { get; init; } = 3.0 / 4;

    /// <summary>Greatest width over height.</summary>
    /// <value>4/3.</value>
    public double MaxRatio { get; init; } = 4.0 / 3;

    /// <summary>Operations of RandAugment, one after another.</summary>
    /// <value>2.</value>
    public int Operations { get; init; } = 2;

    /// <summary>Their magnitude, a bin of 0 to 30.</summary>
    /// <value>9.</value>
    public int Magnitude { get; init; } = 9;

    /// <summary>How often RandAugment is drawn at all.</summary>
    /// <value>1.</value>
    public double Probability { get; init; } = 1;

    /// <summary>Lists every value out of range, with what was expected.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        Within("scale", MinScale, 1e-3, 1);
        Within("scale", MaxScale, MinScale, 1);
        Within("ratio", MinRatio, 0.1, 10);
        Within("ratio", MaxRatio, MinRatio, 10);
        Within("operations", Operations, 0, 16);
        Within("magnitude", Magnitude, 0, Bins - 1);
        Within("probability", Probability, 0, 1);
        return problems;

        void Within(string what, double value, double low, double high)
        {
            if (!(value >= low && value <= high))
                problems.Add($"{what}: expected {low} to {high}, found {value}");
        }
    }

    /// <summary>The magnitude of an operation without its sign, as torchvision's table of float32 numbers has it.</summary>
    /// <param name="op">One of the paper's fourteen.</param>
    /// <param name="bin">0 to 30.</param>
    /// <param name="size">Side of the picture that the operation gets, in pixels.</param>
    public static double MagnitudeOf(ImageOp op, int bin, int size) =>
        op switch
        {
            ImageOp.ShearX or ImageOp.ShearY => Spaced(0, 0.3, bin),
            ImageOp.TranslateX or ImageOp.TranslateY => Spaced(0, 150.0 / 331 * size, bin),
            ImageOp.Rotate => Spaced(0, 30, bin),
            ImageOp.Brightness or ImageOp.Color or ImageOp.Contrast or ImageOp.Sharpness => Spaced(0, 0.9, bin),
            ImageOp.Posterize => 8 - Math.Round(bin / ((Bins - 1) / 4.0)),
            ImageOp.Solarize => Spaced(255, 0, bin),
            _ => 0,
        };

    // Ten tries, then the middle, as large as the ratios allow.
    internal PixelBox DrawCrop(int width, int height, ref Rng rng)
    {
        for (var i = 0; i < Tries; i++)
        {
            var area = rng.NextDouble(MinScale, MaxScale) * width * height;
            var ratio = Math.Exp(rng.NextDouble(Math.Log(MinRatio), Math.Log(MaxRatio)));
            var columns = (int)Math.Round(Math.Sqrt(area * ratio));
            var rows = (int)Math.Round(Math.Sqrt(area / ratio));
            if (columns < 1 || rows < 1 || columns > width || rows > height)
                continue;
            var (top, left) = (rng.NextInt(height - rows + 1), rng.NextInt(width - columns + 1));
            return new PixelBox(left, top, left + columns, top + rows);
        }
        var (w, h) = (width, height);
        if ((double)width / height < MinRatio)
            h = Math.Clamp((int)Math.Round(width / MinRatio), 1, height);
        else if ((double)width / height > MaxRatio)
            w = Math.Clamp((int)Math.Round(height * MaxRatio), 1, width);
        var (y, x) = ((height - h) / 2, (width - w) / 2);
        return new PixelBox(x, y, x + w, y + h);
    }

    internal StoredOperation[]? DrawOperations(int size, ref Rng rng)
    {
        if (Operations == 0 || !rng.NextBool(Probability))
            return null;
        var operations = new StoredOperation[Operations];
        foreach (ref var operation in operations.AsSpan())
        {
            var op = (ImageOp)rng.NextInt(StoredAugmentation.KnownOperations);
            var magnitude = MagnitudeOf(op, Magnitude, size);
            var signed = op is >= ImageOp.ShearX and <= ImageOp.Sharpness;
            operation = new StoredOperation(op, signed && rng.NextBool() ? -magnitude : magnitude);
        }
        return operations;
    }

    // torch.linspace in float32: from whichever end is nearer.
    private static double Spaced(double from, double to, int bin)
    {
        var (first, last) = ((float)from, (float)to);
        var step = (last - first) / (Bins - 1);
        return bin < Bins / 2 ? first + step * bin : last - step * (Bins - 1 - bin);
    }
}
