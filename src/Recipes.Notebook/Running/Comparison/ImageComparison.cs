using SkiaSharp;

namespace Recipes.Notebook.Running.Comparison;

// Pictures as base64: the same size, and pixels whose mean difference is at most a hundredth of the range. That is far above
// what another compression or anti-aliasing changes, and far below a curve that moved.
internal static class ImageComparison
{
    private const double Most = 0.01;

    public static Finding? Compare(string stored, string now, bool sizeOnly)
    {
        if (stored == now)
            return null;
        using var a = Decode(stored);
        using var b = Decode(now);
        if (a is null || b is null)
            return a is null && b is null
                ? new("image", "not readable", "not readable, and of other bytes")
                : new("image", Size(a), Size(b));
        if (a.Width != b.Width || a.Height != b.Height)
            return new("image size", Size(a), Size(b));
        var difference = sizeOnly ? 0 : Mean(a.Pixels, b.Pixels);
        return difference <= Most ? null : new("image", Size(a), $"{Size(b)}, pixels differ by {difference:P1} of the range on average");
    }

    private static SKBitmap? Decode(string base64)
    {
        try
        {
            return SKBitmap.Decode(Convert.FromBase64String(base64.Trim()));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static double Mean(SKColor[] a, SKColor[] b)
    {
        long sum = 0;
        for (var i = 0; i < a.Length; i++)
            sum +=
                Math.Abs(a[i].Red - b[i].Red)
                + Math.Abs(a[i].Green - b[i].Green)
                + Math.Abs(a[i].Blue - b[i].Blue)
                + Math.Abs(a[i].Alpha - b[i].Alpha);
        return sum / 255.0 / 4 / a.Length;
    }

    private static string Size(SKBitmap? image) => image is null ? "not readable" : $"{image.Width} x {image.Height}";
}
