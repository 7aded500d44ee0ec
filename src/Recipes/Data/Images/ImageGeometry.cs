namespace Recipes.Data;

/// <summary>Affine maps of bytes: nearest neighbour, black outside, in 16.16 fixed point.</summary>
internal static class ImageGeometry
{
    private const double One = 65536;

    /// <summary>Target pixel (x, y) takes the source pixel at (a x + b y + c, d x + e y + f), all taken at pixel centres.</summary>
    public static void Affine(
        ReadOnlySpan<byte> source,
        Span<byte> target,
        int width,
        int height,
        double a,
        double b,
        double c,
        double d,
        double e,
        double f
    )
    {
        var (ax, bx) = (Fixed(a), Fixed(b));
        var (ay, by) = (Fixed(d), Fixed(e));
        var startX = Fixed(a * 0.5 + b * 0.5 + c);
        var startY = Fixed(d * 0.5 + e * 0.5 + f);
        var i = 0;
        for (var row = 0; row < height; row++)
        {
            var (x, y) = (startX + row * bx, startY + row * by);
            for (var column = 0; column < width; column++, i += 3)
            {
                var (sx, sy) = (x >> 16, y >> 16);
                if ((uint)sx < (uint)width && (uint)sy < (uint)height)
                    source.Slice(3 * (int)(sy * width + sx), 3).CopyTo(target[i..]);
                else
                    target.Slice(i, 3).Clear();
                x += ax;
                y += ay;
            }
        }
    }

    /// <summary>Moves right and down by whole pixels.</summary>
    public static void Shift(ReadOnlySpan<byte> source, Span<byte> target, int width, int height, int right, int down)
    {
        target.Clear();
        var columns = width - Math.Abs(right);
        if (columns <= 0)
            return;
        for (var row = Math.Max(0, down); row < Math.Min(height, height + down); row++)
        {
            var from = 3 * ((row - down) * width + Math.Max(0, -right));
            source.Slice(from, 3 * columns).CopyTo(target[(3 * (row * width + Math.Max(0, right)))..]);
        }
    }

    /// <summary>Turns counter-clockwise about the centre.</summary>
    public static void Rotate(ReadOnlySpan<byte> source, Span<byte> target, int width, int height, double degrees)
    {
        var angle = -degrees % 360.0 * (Math.PI / 180);
        var (sin, cos) = (Math.Round(Math.Sin(angle), 15), Math.Round(Math.Cos(angle), 15));
        var (x, y) = (width / 2.0, height / 2.0);
        Affine(source, target, width, height, cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y);
    }

    private static long Fixed(double value) => (long)Math.Floor(One * value + 0.5);
}
