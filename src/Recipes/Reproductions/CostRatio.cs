using System.Globalization;
using Recipes.Models;

namespace Recipes.Reproductions;

/// <summary>How many times one piece of work costs more than another: as the paper has it, by arithmetic, and measured here.</summary>
/// <param name="What">The dearer and the cheaper work.</param>
/// <param name="Paper">The paper's ratio of times, on its machine; null where it gives none.</param>
/// <param name="Arithmetic">Ratio of multiply-accumulates.</param>
/// <param name="Measured">Ratio of median times of one run.</param>
public sealed record CostRatio(string What, double? Paper, double Arithmetic, double Measured)
{
    /// <summary>How far a measurement may be from its arithmetic.</summary>
    public const double Tolerance = 0.3;

    /// <summary>The measured ratio over that of the arithmetic: 1 where time follows it.</summary>
    public double Quotient => Measured / Arithmetic;

    /// <summary>Whether the measurement is within <see cref="Tolerance"/> of the arithmetic.</summary>
    public bool Follows => Math.Abs(Quotient - 1) <= Tolerance;

    /// <summary>All that a claim says of it.</summary>
    public Measured Claimed =>
        new(Quotient, string.Create(CultureInfo.InvariantCulture, $"{Measured:G3} x measured, {Arithmetic:G3} x by multiply-accumulates"));

    /// <summary>Of two models, from the image to the first token.</summary>
    public static CostRatio Of(FirstTokenTime dear, FirstTokenTime cheap, double? paper = null) =>
        new($"{dear.Work.Name} / {cheap.Work.Name}", paper, (double)dear.Work.Macs / cheap.Work.Macs, dear.Total / cheap.Total);

    /// <summary>Of the encoders of two models, all crops.</summary>
    public static CostRatio OfEncoders(FirstTokenTime dear, FirstTokenTime cheap, double? paper = null) =>
        new(
            $"{Encoder(dear)} / {Encoder(cheap)}",
            paper,
            (double)dear.Work.EncoderMacs / cheap.Work.EncoderMacs,
            dear.Encoder.Median / cheap.Encoder.Median
        );

    /// <summary>Of two encoders.</summary>
    public static CostRatio Of(TowerTime dear, TowerTime cheap, double? paper = null) =>
        new(
            $"{Name(dear.Tower)} / {Name(cheap.Tower)}",
            paper,
            (double)dear.Tower.Macs / cheap.Tower.Macs,
            dear.Time.Median / cheap.Time.Median
        );

    private static string Name(VisionTower tower) => $"{tower.Name} {tower.Resolution} px";

    private static string Encoder(FirstTokenTime time) => Name(time.Work.Tower) + (time.Work.Crops > 1 ? $" x {time.Work.Crops}" : "");
}
