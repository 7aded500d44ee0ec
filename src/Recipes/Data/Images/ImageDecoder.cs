using SkiaSharp;

namespace Recipes.Data;

/// <summary>Decodes picture files, upright (EXIF orientation is obeyed), transparent ones on white.</summary>
public static class ImageDecoder
{
    /// <summary>Reads a file as a square: the shorter side resized, the middle of the longer side kept.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="rgb">Receives <c>[size, size, 3]</c>.</param>
    /// <exception cref="RecipesException">The file is missing, cut off or no picture.</exception>
    public static void ReadSquare(string path, int size, Span<byte> rgb)
    {
        ImageBytes.Require(rgb.Length, size);
        var (bytes, width, height) = Read(path, size);
        var side = Math.Min(width, height);
        var (left, top) = ((width - side) / 2, (height - side) / 2);
        Resampler.Shared.Resize(bytes, width, new PixelBox(left, top, left + side, top + side), rgb, size, size);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="atLeast">When positive, a JPEG may come smaller than it is, but its shorter side has at least this many pixels.</param>
    /// <returns>The bytes <c>[height, width, 3]</c> and the two sides.</returns>
    /// <exception cref="RecipesException">The file is missing, cut off or no picture.</exception>
    public static (byte[] Rgb, int Width, int Height) Read(string path, int atLeast = 0)
    {
        using var codec = SKCodec.Create(path, out var opened) ?? throw Broken(path, opened.ToString());
        var info = codec.Info;
        if (atLeast > 0)
        {
            var scaled = codec.GetScaledDimensions(Math.Min(1f, 1.01f * atLeast / Math.Min(info.Width, info.Height)));
            if (Math.Min(scaled.Width, scaled.Height) >= atLeast)
                info = info.WithSize(scaled);
        }
        info = info.WithColorType(SKColorType.Rgba8888).WithAlphaType(SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap(info);
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Broken(path, result.ToString());
        return Upright(bitmap.GetPixelSpan(), info.Width, info.Height, codec.EncodedOrigin);
    }

    private static RecipesException Broken(string path, string found) =>
        new($"{path}: expected a whole picture (JPEG, PNG, WebP, BMP or GIF), found {found}. Replace the file or remove it.");

    private static (byte[] Rgb, int Width, int Height) Upright(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin)
    {
        var swap = origin >= SKEncodedOrigin.LeftTop;
        var (columns, rows) = swap ? (height, width) : (width, height);
        var rgb = new byte[3 * width * height];
        var i = 0;
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++, i += 3)
            {
                var (sx, sy) = origin switch
                {
                    SKEncodedOrigin.TopRight => (width - 1 - x, y),
                    SKEncodedOrigin.BottomRight => (width - 1 - x, height - 1 - y),
                    SKEncodedOrigin.BottomLeft => (x, height - 1 - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, height - 1 - x),
                    SKEncodedOrigin.RightBottom => (width - 1 - y, height - 1 - x),
                    SKEncodedOrigin.LeftBottom => (width - 1 - y, x),
                    _ => (x, y),
                };
                var pixel = rgba.Slice(4 * (sy * width + sx), 4);
                for (var c = 0; c < 3; c++)
                    rgb[i + c] = (byte)((pixel[c] * pixel[3] + 255 * (255 - pixel[3]) + 127) / 255);
            }
        }
        return (rgb, columns, rows);
    }
}
