namespace Recipes.Data;

/// <summary>The outline of each shape as closed polygons inside the unit circle, y down. Holes run the other way round.</summary>
internal static class SceneOutlines
{
    private const int Round = 96;

    private static readonly double[][][] s_outlines =
    [
        [Arc(0, 0, 1, 0, 1, Round)],
        [Arc(0, 0, 1, 0, 1, Round), Arc(0, 0, 0.52, 1, 0, Round)],
        [Crescent()],
        [Arc(0, 0, 1, 0.125, 1.125, 4)],
        [Arc(0, 0, 1, 0.75, 1.75, 3)],
        [Arc(0, 0, 1, 0.75, 1.75, 5)],
        [Star(5, 0.45)],
        [Heart()],
        [Cross(0.3)],
        [
            [0, -1, 0.8, -0.1, 0.3, -0.1, 0.3, 0.95, -0.3, 0.95, -0.3, -0.1, -0.8, -0.1],
        ],
    ];

    /// <summary>The polygons of a shape, each x, y, x, y, …</summary>
    public static double[][] Of(SceneShape shape) => s_outlines[(int)shape];

    /// <summary>
    /// Sine and cosine of an angle in turns. Math.Sin may differ in its last bit between machines; this uses only additions and
    /// multiplications, so drawings are equal everywhere. Error below 1e-15.
    /// </summary>
    public static (double Sin, double Cos) SinCos(double turns)
    {
        var quarters = Math.Floor(turns * 4 + 0.5);
        var x = (turns - quarters / 4) * (2 * Math.PI);
        var xx = x * x;
        var sin = x * (1 - xx / 6 * (1 - xx / 20 * (1 - xx / 42 * (1 - xx / 72 * (1 - xx / 110 * (1 - xx / 156 * (1 - xx / 210)))))));
        var cos =
            1 - xx / 2 * (1 - xx / 12 * (1 - xx / 30 * (1 - xx / 56 * (1 - xx / 90 * (1 - xx / 132 * (1 - xx / 182 * (1 - xx / 240)))))));
        return ((int)(quarters - 4 * Math.Floor(quarters / 4))) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    // Points on a circle from one angle (in turns) to another; the last point is left out, as it is the next part's first.
    private static double[] Arc(double x, double y, double radius, double from, double to, int points)
    {
        var arc = new double[2 * points];
        for (var i = 0; i < points; i++)
        {
            var (sin, cos) = SinCos(from + (to - from) * i / points);
            (arc[2 * i], arc[2 * i + 1]) = (x + radius * cos, y + radius * sin);
        }
        return arc;
    }

    // The unit disc without the disc of radius 0.8 around (0.48, 0): they meet at x = (1 + 0.48^2 - 0.8^2) / (2 * 0.48).
    private static double[] Crescent()
    {
        const double shift = 0.48;
        const double bite = 0.8;
        var x = (1 + shift * shift - bite * bite) / (2 * shift);
        var outer = Turns(x);
        var inner = Turns((x - shift) / bite);
        return [.. Arc(0, 0, 1, outer, 1 - outer, Round), .. Arc(shift, 0, bite, 1 - inner, inner, Round)];
    }

    // The angle in turns, 0 to 1/2, whose cosine this is, by bisection.
    private static double Turns(double cosine)
    {
        var (low, high) = (0.0, 0.5);
        for (var i = 0; i < 52; i++)
        {
            var middle = (low + high) / 2;
            if (SinCos(middle).Cos > cosine)
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    private static double[] Star(int points, double inner)
    {
        var star = new double[4 * points];
        for (var i = 0; i < 2 * points; i++)
        {
            var (sin, cos) = SinCos(0.75 + i / (2.0 * points));
            var radius = i % 2 == 0 ? 1 : inner;
            (star[2 * i], star[2 * i + 1]) = (radius * cos, radius * sin);
        }
        return star;
    }

    // The well-known curve 16 sin^3, 13 cos - 5 cos 2t - 2 cos 3t - cos 4t, moved to its middle and scaled into the unit circle.
    private static double[] Heart()
    {
        var heart = new double[2 * Round];
        for (var i = 0; i < Round; i++)
        {
            var t = (double)i / Round;
            var sin = SinCos(t).Sin;
            var y = 13 * SinCos(t).Cos - 5 * SinCos(2 * t).Cos - 2 * SinCos(3 * t).Cos - SinCos(4 * t).Cos;
            (heart[2 * i], heart[2 * i + 1]) = (16 * sin * sin * sin / 17, -(y + 1) / 17);
        }
        return heart;
    }

    private static double[] Cross(double half)
    {
        // One arm's end and the inner corner after it, turned four times by a quarter.
        var cross = new double[24];
        for (var quarter = 0; quarter < 4; quarter++)
        {
            var (sin, cos) = SinCos(quarter / 4.0);
            Set(3 * quarter, -half, -0.95);
            Set(3 * quarter + 1, half, -0.95);
            Set(3 * quarter + 2, half, -half);

            void Set(int point, double x, double y) => (cross[2 * point], cross[2 * point + 1]) = (cos * x - sin * y, sin * x + cos * y);
        }
        return cross;
    }
}
