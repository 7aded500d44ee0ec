using SkiaSharp;

namespace Recipes.Data;

// The formulas of noise, contrast and JPEG. Bytes are cut off, not rounded, as the benchmark's code cuts them.
internal static class PixelCorruptions
{
    /// <summary>clip(x + N(0, deviation²)) on values 0 to 1.</summary>
    public static void Noise(Span<byte> rgb, double deviation, ref Rng rng)
    {
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = Cut(rgb[i] + 255 * deviation * rng.NextNormal());
    }

    /// <summary>clip((x − mean)·kept + mean), the mean of each channel over the picture.</summary>
    public static void Contrast(Span<byte> rgb, double kept)
    {
        Span<double> means = stackalloc double[3];
        for (var i = 0; i < rgb.Length; i++)
            means[i % 3] += rgb[i];
        for (var c = 0; c < 3; c++)
            means[c] /= rgb.Length / 3;
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = Cut((rgb[i] - means[i % 3]) * kept + means[i % 3]);
    }

    /// <summary>Written as JPEG (chroma halved, as libjpeg does) and read again.</summary>
    public static void Jpeg(Span<byte> rgb, int width, int height, int quality)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < width * height; i++)
        {
            rgb.Slice(3 * i, 3).CopyTo(pixels[(4 * i)..]);
            pixels[4 * i + 3] = 255;
        }
        using var file = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        ImageDecoder.Decode(file.AsSpan(), "JPEG corruption").Rgb.CopyTo(rgb);
    }

    /// <summary>The whole part, at least 0 and at most 255.</summary>
    public static byte Cut(double value) => (byte)Math.Clamp(value, 0, 255);
}
