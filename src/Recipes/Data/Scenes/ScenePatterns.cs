namespace Recipes.Data;

/// <summary>Patterns with period 1, averaged over a pixel, so that they stay smooth at every resolution.</summary>
internal static class ScenePatterns
{
    private const double DotRadius = 0.3;

    /// <summary>How much of the second colour shows, 0 to 1, at a place for a pixel of this width (all in periods).</summary>
    public static double Share(ScenePattern pattern, double u, double v, double pixel) =>
        pattern switch
        {
            ScenePattern.Striped => 0.5 + 0.5 * Square(u, pixel),
            ScenePattern.Checked => 0.5 + 0.5 * Square(u, pixel) * Square(v, pixel),
            ScenePattern.Dotted => Dots(u, v, pixel),
            _ => 0,
        };

    // The mean over a pixel of the square wave that is 1 in the first half of each period and -1 in the second.
    private static double Square(double x, double pixel) => (Ramp(x + 0.5 * pixel) - Ramp(x - 0.5 * pixel)) / pixel;

    // Its integral: a triangle wave.
    private static double Ramp(double x)
    {
        var part = x - Math.Floor(x);
        return part < 0.5 ? part : 1 - part;
    }

    private static double Dots(double u, double v, double pixel)
    {
        var (x, y) = (u - Math.Floor(u) - 0.5, v - Math.Floor(v) - 0.5);
        return Math.Clamp(0.5 + (DotRadius - Math.Sqrt(x * x + y * y)) / pixel, 0, 1);
    }
}
