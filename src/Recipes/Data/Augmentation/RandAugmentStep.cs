using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>The list of operations that RandAugment draws from, and what a strength means for each.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RandAugmentPolicy>))]
public enum RandAugmentPolicy
{
    /// <summary>The paper's fourteen operations, strength 0 to 30.</summary>
    Paper,

    /// <summary>
    /// Fifteen operations that all grow stronger, strength 0 to 10, as MobileOne's open reproduction uses (no identity; also
    /// inversion and additive solarisation; posterisation keeps at most four bits).
    /// </summary>
    Increasing,
}

/// <summary>Random operations of one strength (RandAugment, Cubuk et al. 2019).</summary>
/// <param name="Operations">How many, one after another, each drawn afresh.</param>
/// <param name="Magnitude">The strength, 0 to 30 (paper) or 0 to 10 (increasing).</param>
/// <param name="Deviation">Standard deviation of the strength from one operation to the next.</param>
/// <param name="Strength">A factor on the magnitude, for training that grows harder.</param>
/// <param name="Policy">The list of operations.</param>
public sealed record RandAugmentStep(int Operations, double Magnitude, double Deviation, double Strength, RandAugmentPolicy Policy)
    : AugmentStep
{
    private static readonly ImageOp[] s_increasing = [.. Enum.GetValues<ImageOp>().Where(op => op != ImageOp.Identity)];

    private double Most => Policy == RandAugmentPolicy.Paper ? 30 : 10;

    /// <inheritdoc/>
    public override void Apply(ImageCanvas canvas, ref Rng rng)
    {
        for (var i = 0; i < Operations; i++)
        {
            var op = Policy == RandAugmentPolicy.Paper ? (ImageOp)rng.NextInt(14) : s_increasing[rng.NextInt(s_increasing.Length)];
            var level = Magnitude * Strength + (Deviation > 0 ? Deviation * rng.NextNormal() : 0);
            var value = Value(op, Math.Clamp(level / Most, 0, 1), canvas.Size, ref rng);
            if (op == ImageOp.Identity)
                continue;
            ImageOps.Apply(op, value, canvas.Pixels, canvas.Next(canvas.Size), canvas.Size, canvas.Size);
            canvas.Swap(canvas.Size);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Problems() =>
        [
            .. Within("RandAugment operations", Operations, 1, 16),
            .. Within("RandAugment magnitude", Magnitude, 0, Most),
            .. Within("RandAugment deviation", Deviation, 0, Most),
            .. Within("RandAugment strength", Strength, 0, 10),
        ];

    // The operation's own magnitude at a level of 0 to 1; those that go both ways take a random sign.
    private double Value(ImageOp op, double level, int size, ref Rng rng)
    {
        var paper = Policy == RandAugmentPolicy.Paper;
        return op switch
        {
            ImageOp.ShearX or ImageOp.ShearY => Sign(0.3 * level, ref rng),
            ImageOp.TranslateX or ImageOp.TranslateY => Sign((paper ? 150.0 / 331 : 0.45) * size * level, ref rng),
            ImageOp.Rotate => Sign(30 * level, ref rng),
            ImageOp.Brightness or ImageOp.Color or ImageOp.Contrast or ImageOp.Sharpness => Sign(0.9 * level, ref rng),
            ImageOp.Posterize => paper ? 8 - Math.Round(4 * level) : Math.Max(1, 4 - Math.Floor(4 * level)),
            ImageOp.Solarize => (paper ? 255 : 256) * (1 - level),
            ImageOp.SolarizeAdd => 110 * level,
            _ => 0,
        };
    }

    private static double Sign(double value, ref Rng rng) => rng.NextBool() ? -value : value;
}
