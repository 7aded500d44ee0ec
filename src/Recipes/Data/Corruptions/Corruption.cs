namespace Recipes.Data;

/// <summary>
/// One way of making pictures worse, as a value: <c>new Corruption(CorruptionKind.Jpeg, 3)</c>. Formulas and strengths are those of
/// ImageNet-C for pictures of more than 64 pixels a side, and of CIFAR-10-C for smaller ones.
/// </summary>
/// <param name="Kind">What happens.</param>
/// <param name="Severity">How much, 1 to 5.</param>
public sealed record Corruption(CorruptionKind Kind, int Severity)
{
    /// <summary>The mildest and the hardest severity.</summary>
    public const int Severities = 5;

    private const int Small = 64;

    /// <summary>How much, 1 to 5.</summary>
    public int Severity { get; } =
        Severity is >= 1 and <= Severities
            ? Severity
            : throw new RecipesException($"{Kind}: expected a severity of 1 to {Severities}, found {Severity}.");

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<CorruptionKind> Kinds { get; } = Enum.GetValues<CorruptionKind>();

    /// <summary>These kinds at every severity, in order.</summary>
    public static IReadOnlyList<Corruption> Of(params IEnumerable<CorruptionKind> kinds) =>
        [.. kinds.SelectMany(kind => Enumerable.Range(1, Severities).Select(severity => new Corruption(kind, severity)))];

    /// <summary>
    /// The formula's number for pictures of this side: the noise's deviation of values 0 to 1, the blur's deviation in pixels, the
    /// part of the contrast that is left, the JPEG quality of 100.
    /// </summary>
    public double Strength(int side)
    {
        double[] table = (Kind, side <= Small) switch
        {
            (CorruptionKind.GaussianNoise, true) => [0.04, 0.06, 0.08, 0.09, 0.10],
            (CorruptionKind.GaussianNoise, _) => [0.08, 0.12, 0.18, 0.26, 0.38],
            (CorruptionKind.GaussianBlur, true) => [0.4, 0.6, 0.7, 0.8, 1],
            (CorruptionKind.GaussianBlur, _) => [1, 2, 3, 4, 6],
            (CorruptionKind.Contrast, true) => [0.75, 0.5, 0.4, 0.3, 0.15],
            (CorruptionKind.Contrast, _) => [0.4, 0.3, 0.2, 0.1, 0.05],
            (_, true) => [80, 65, 58, 50, 40],
            _ => [25, 18, 15, 10, 7],
        };
        return table[Severity - 1];
    }

    /// <summary>Changes a picture in place. Equal seeds and indices give equal bytes.</summary>
    /// <param name="rgb"><c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="index">The picture's place in its set, so that each has a noise of its own.</param>
    /// <exception cref="RecipesException">The span has another length.</exception>
    public void Apply(Span<byte> rgb, int width, int height, long seed = 0, int index = 0)
    {
        if (width < 1 || height < 1 || rgb.Length != 3 * width * height)
            throw new RecipesException($"{Kind}: expected {width} x {height} x 3 bytes, found {rgb.Length}.");
        var strength = Strength(Math.Min(width, height));
        switch (Kind)
        {
            case CorruptionKind.GaussianNoise:
                var rng = Rng.Stream(seed, "corruption", index, Severity);
                PixelCorruptions.Noise(rgb, strength, ref rng);
                break;
            case CorruptionKind.GaussianBlur:
                GaussianBlur.Apply(rgb, width, height, strength);
                break;
            case CorruptionKind.Contrast:
                PixelCorruptions.Contrast(rgb, strength);
                break;
            default:
                PixelCorruptions.Jpeg(rgb, width, height, (int)strength);
                break;
        }
    }

    /// <summary>A worse copy of a picture.</summary>
    public RgbImage Apply(RgbImage image, long seed = 0, int index = 0)
    {
        var copy = (byte[])image.Rgb.Clone();
        Apply(copy, image.Width, image.Height, seed, index);
        return new RgbImage(copy, image.Width, image.Height);
    }

    /// <summary>Kind and severity, for example <c>jpeg 3</c>.</summary>
    public override string ToString() => $"{CorruptionNames.Of(Kind)} {Severity}";
}

/// <summary>What corruptions are called in tables.</summary>
public static class CorruptionNames
{
    /// <summary>A kind in words.</summary>
    public static string Of(CorruptionKind kind) =>
        kind switch
        {
            CorruptionKind.GaussianNoise => "noise",
            CorruptionKind.GaussianBlur => "blur",
            CorruptionKind.Contrast => "contrast",
            _ => "JPEG",
        };
}
