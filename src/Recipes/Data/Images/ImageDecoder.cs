using SkiaSharp;

namespace Recipes.Data;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP and GIF files, whatever their names: upright (EXIF orientation is obeyed), transparent ones on white, the first
/// picture of animated ones, 8 bits a channel.
/// </summary>
public static class ImageDecoder
{
    /// <summary>The most pixels that a picture may have; a file that claims more is refused before anything is allocated.</summary>
    public const long MostPixels = 200_000_000;

    /// <summary>The most pixels a side.</summary>
    public const int LongestSide = 65535;

    private const string NoPicture = "no picture, or one whose beginning is damaged";

    private const long MostBytes = 1L << 30;

    [ThreadStatic]
    private static byte[]? s_region;

    /// <summary>Reads a file as a square: the shorter side resized, the middle of the longer side kept.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="rgb">Receives <c>[size, size, 3]</c>.</param>
    /// <exception cref="RecipesException">The file is missing, cut off, too large or no picture.</exception>
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
    /// <exception cref="RecipesException">The file is missing, cut off, too large or no picture.</exception>
    public static (byte[] Rgb, int Width, int Height) Read(string path, int atLeast = 0)
    {
        if (!File.Exists(path))
            throw Broken(path, Directory.Exists(path) ? "a folder" : "nothing");
        return Decode(Bytes(path), path, atLeast);
    }

    /// <summary>Decodes a file that is in memory.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How errors name it.</param>
    /// <param name="atLeast">As for <see cref="Read"/>.</param>
    /// <returns>The bytes <c>[height, width, 3]</c> and the two sides.</returns>
    /// <exception cref="RecipesException">It is cut off, too large or no picture.</exception>
    public static (byte[] Rgb, int Width, int Height) Decode(ReadOnlySpan<byte> file, string name, int atLeast = 0)
    {
        if (file.IsEmpty)
            throw Broken(name, "an empty file");
        if (!ImageSignature.IsKnown(file))
            throw Broken(name, NoPicture);
        if (ImageSignature.IsCutOff(file))
            throw Broken(name, Found(SKCodecResult.IncompleteInput));
        unsafe
        {
            fixed (byte* start = file)
            {
                using var data = SKData.Create((IntPtr)start, file.Length);
                using var codec = SKCodec.Create(data) ?? throw Broken(name, NoPicture);
                return Decode(codec, name, atLeast);
            }
        }
    }

    /// <summary>
    /// Decodes what a crop needs: of a plain, upright JPEG the rectangle alone, of which what lies below it is not even read (damage there
    /// stays unseen); of other files all. Both with the same bytes.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="crop">The rectangle, in pixels of the upright picture; where it reaches outside, all is decoded.</param>
    /// <param name="name">How errors name the file.</param>
    /// <exception cref="RecipesException">It is cut off, too large or no picture.</exception>
    internal static DecodedRegion DecodeRegion(ReadOnlySpan<byte> file, PixelBox crop, string name)
    {
        if (IsPlainJpeg(file, out var width, out var height) && !crop.IsEmpty && Within(crop, width, height))
        {
            var length = 3 * crop.Width * crop.Height;
            if (s_region is null || s_region.Length < length)
                s_region = GC.AllocateUninitializedArray<byte>(length);
            if (JpegCrop.Shared.TryDecode(file, width, height, crop, s_region.AsSpan(0, length)))
                return new DecodedRegion(s_region, width, height, crop.Width, new PixelBox(0, 0, crop.Width, crop.Height));
        }
        var (rgb, columns, rows) = Decode(file, name);
        return new DecodedRegion(rgb, columns, rows, columns, crop);
    }

    private static bool Within(PixelBox box, int width, int height) =>
        box.Left >= 0 && box.Top >= 0 && box.Right <= width && box.Bottom <= height;

    // The size and the orientation as the decoder of all files finds them.
    private static unsafe bool IsPlainJpeg(ReadOnlySpan<byte> file, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (!file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return false;
        fixed (byte* start = file)
        {
            using var data = SKData.Create((IntPtr)start, file.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null || codec.EncodedOrigin is not SKEncodedOrigin.TopLeft)
                return false;
            (width, height) = (codec.Info.Width, codec.Info.Height);
            return (long)width * height <= MostPixels;
        }
    }

    // Not mapped: a file that shrinks while it is mapped ends the process.
    private static byte[] Bytes(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            var head = new byte[Math.Min(length, ImageSignature.Length)];
            RandomAccess.Read(file, head, 0);
            if (!ImageSignature.IsKnown(head))
                return head;
            if (length > MostBytes)
                throw Broken(path, $"a file of {length} bytes; at most {MostBytes} are read");
            var bytes = new byte[length];
            var had = 0;
            while (had < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(had), had) is > 0 and var read)
                had += read;
            return had == bytes.Length ? bytes : bytes[..had];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(path, $"a file that cannot be read ({e.Message.TrimEnd('.')})");
        }
    }

    private static (byte[] Rgb, int Width, int Height) Decode(SKCodec codec, string name, int atLeast)
    {
        var info = codec.Info;
        if (info.Width < 1 || info.Height < 1)
            throw Broken(name, $"a picture of {info.Width} x {info.Height} pixels");
        if ((long)info.Width * info.Height > MostPixels || Math.Max(info.Width, info.Height) > LongestSide)
            throw new RecipesException(
                $"{name}: claims {info.Width} x {info.Height} pixels; at most {LongestSide} a side and {MostPixels / 1_000_000} million in all are read. "
                    + "Make the picture smaller, or remove the file if it is damaged."
            );
        if (atLeast > 0)
        {
            var scaled = codec.GetScaledDimensions(Math.Min(1f, 1.01f * atLeast / Math.Min(info.Width, info.Height)));
            if (Math.Min(scaled.Width, scaled.Height) >= atLeast)
                info = info.WithSize(scaled);
        }
        info = info.WithColorType(SKColorType.Rgba8888).WithAlphaType(SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new RecipesException($"{name}: not enough memory for {info.Width} x {info.Height} pixels. Make the picture smaller.");
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Broken(name, Found(result));
        return Upright(bitmap.GetPixelSpan(), info.Width, info.Height, codec.EncodedOrigin);
    }

    private static string Found(SKCodecResult result) =>
        result switch
        {
            SKCodecResult.IncompleteInput => "a file that ends too early",
            SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "damaged data",
            _ => result.ToString(),
        };

    private static RecipesException Broken(string name, string found) =>
        new($"{name}: expected a whole picture (JPEG, PNG, WebP, BMP or GIF), found {found}. Replace the file or remove it.");

    // Each row of the upright picture is a straight walk through the stored one: where it starts, and the steps to the right and down.
    private static (byte[] Rgb, int Width, int Height) Upright(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin)
    {
        var swap = origin >= SKEncodedOrigin.LeftTop;
        var (columns, rows) = swap ? (height, width) : (width, height);
        var (last, lastRow) = (width * height - 1, (height - 1) * width);
        var (start, right, down) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => (lastRow, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (lastRow, -width, 1),
            SKEncodedOrigin.RightBottom => (last, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        var rgb = GC.AllocateUninitializedArray<byte>(3 * width * height);
        var i = 0;
        for (var y = 0; y < rows; y++)
        {
            var at = start + y * down;
            for (var x = 0; x < columns; x++, at += right, i += 3)
            {
                var pixel = rgba.Slice(4 * at, 4);
                int alpha = pixel[3];
                (rgb[i], rgb[i + 1], rgb[i + 2]) =
                    alpha == 255
                        ? (pixel[0], pixel[1], pixel[2])
                        : (OnWhite(pixel[0], alpha), OnWhite(pixel[1], alpha), OnWhite(pixel[2], alpha));
            }
        }
        return (rgb, columns, rows);
    }

    private static byte OnWhite(int value, int alpha) => (byte)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}
