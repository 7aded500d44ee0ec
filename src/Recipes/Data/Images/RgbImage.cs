using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Data;

/// <summary>A picture of any size in memory, 8 bits a channel.</summary>
/// <param name="Rgb">The bytes, row by row, red, green, blue: <c>[H, W, 3]</c>.</param>
/// <param name="Width">W, columns.</param>
/// <param name="Height">H, rows.</param>
public sealed record RgbImage(byte[] Rgb, int Width, int Height)
{
    /// <summary>The bytes, row by row, red, green, blue: <c>[H, W, 3]</c>.</summary>
    public byte[] Rgb { get; } =
        Width > 0 && Height > 0 && Rgb.Length == 3L * Width * Height
            ? Rgb
            : throw new RecipesException(
                $"a picture of {Width} x {Height}: expected {3L * Math.Max(Width, 0) * Math.Max(Height, 0)} bytes (height, width, 3), found {Rgb.Length}. Give the sides in the order width, height."
            );

    /// <summary>Reads a picture file, upright.</summary>
    /// <exception cref="RecipesException">The file is missing, cut off or no picture.</exception>
    public static RgbImage Read(string path)
    {
        var (rgb, width, height) = ImageDecoder.Read(path);
        return new RgbImage(rgb, width, height);
    }

    /// <summary>The picture at another size, with the bytes that the Python Imaging Library would give.</summary>
    public RgbImage Resize(int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        var target = new byte[3 * width * height];
        Resampler.Shared.Resize(Rgb, Width, new PixelBox(0, 0, Width, Height), target, width, height, filter);
        return new RgbImage(target, width, height);
    }

    /// <summary>The longer side at this many pixels, the shorter one in proportion.</summary>
    public RgbImage ResizeLongest(int longest)
    {
        var scale = (double)longest / Math.Max(Width, Height);
        return Resize(Math.Max(1, (int)(Width * scale + 0.5)), Math.Max(1, (int)(Height * scale + 0.5)));
    }

    /// <summary>A square of the picture.</summary>
    /// <param name="left">Its first column.</param>
    /// <param name="top">Its first row.</param>
    /// <param name="side">Pixels a side.</param>
    /// <exception cref="RecipesException">It does not lie within the picture.</exception>
    public RgbImage Crop(int left, int top, int side)
    {
        if (side < 1 || left < 0 || top < 0 || left > Width - side || top > Height - side)
            throw new RecipesException(
                $"a square of {side} pixels from column {left} and row {top} is not within {Width} x {Height} pixels."
            );
        var bytes = new byte[3 * side * side];
        for (var y = 0; y < side; y++)
            Rgb.AsSpan(3 * ((top + y) * Width + left), 3 * side).CopyTo(bytes.AsSpan(3 * y * side));
        return new RgbImage(bytes, side, side);
    }

    /// <summary>The bytes as numbers 0 to 255: float32 <c>[3, H, W]</c>, in the caller's scope.</summary>
    public Tensor ToTensor()
    {
        using var scope = NewDisposeScope();
        return tensor(Rgb, [Height, Width, 3]).permute(2, 0, 1).to(ScalarType.Float32).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The picture as a PNG file.</summary>
    public byte[] ToPng() => ImageBytes.ToPng(Rgb, Width, Height);
}
