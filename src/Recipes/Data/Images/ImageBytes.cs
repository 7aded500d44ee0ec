using SkiaSharp;

namespace Recipes.Data;

/// <summary>Square pictures as bytes: row by row, red, green, blue (<c>[H, W, 3]</c>).</summary>
public static class ImageBytes
{
    /// <summary>The bytes as a PNG file.</summary>
    /// <param name="rgb"><c>[height, width, 3]</c>.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public static byte[] ToPng(ReadOnlySpan<byte> rgb, int width, int height)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < width * height; i++)
        {
            rgb.Slice(3 * i, 3).CopyTo(pixels[(4 * i)..]);
            pixels[4 * i + 3] = 255;
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    internal static void Require(int length, int size)
    {
        if (size < 1 || length != 3 * size * size)
            throw new RecipesException(
                $"a picture of {size} pixels a side: expected a span of {3 * Math.Max(size, 0) * Math.Max(size, 0)} bytes, found {length}. Give size * size * 3 bytes."
            );
    }
}
