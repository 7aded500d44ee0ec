using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>From pixels to what SAM takes, and from its masks back to pixels.</summary>
public static class SamPixels
{
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    /// <summary>Subtracts the mean, divides by the deviation and pads with zeros at the right and the bottom.</summary>
    /// <param name="pixels">0 to 255: <c>[..., 3, H, W]</c>, no side longer than <paramref name="size"/>.</param>
    /// <param name="size">Side of the square that the network gets, in pixels.</param>
    /// <returns><c>[..., 3, size, size]</c>.</returns>
    /// <exception cref="RecipesException">The picture is larger than the square.</exception>
    public static Tensor Normalize(Tensor pixels, int size)
    {
        var (height, width) = (pixels.shape[^2], pixels.shape[^1]);
        if (pixels.shape[^3] != 3 || height > size || width > size)
            throw new RecipesException(
                $"SamPixels.Normalize, pixels: expected [..., 3, H, W] with sides of at most {size}, found [{string.Join(", ", pixels.shape)}]. Resize the longer side first."
            );
        using var scope = NewDisposeScope();
        Tensor Channels(float[] values) => tensor(values, [3, 1, 1], device: pixels.device);
        var normal = (pixels - Channels(Mean)) / Channels(Deviation);
        return nn.functional.pad(normal, [0, size - width, 0, size - height]).MoveToOuterDisposeScope();
    }

    /// <summary>Logits at the size of the picture: enlarged to the square, its padding cut off, resized; bilinear both times.</summary>
    /// <param name="logits"><c>[P, M, 4h, 4w]</c>.</param>
    /// <param name="size">Side of the square that the network got, in pixels.</param>
    /// <param name="resized">Sides of the picture within the square.</param>
    /// <param name="original">Sides of the picture.</param>
    /// <returns><c>[P, M, Height, Width]</c>; above 0 is the object.</returns>
    public static Tensor ToOriginal(Tensor logits, int size, (int Width, int Height) resized, (int Width, int Height) original)
    {
        using var scope = NewDisposeScope();
        var square = Bilinear(logits, size, size).narrow(2, 0, resized.Height).narrow(3, 0, resized.Width);
        return Bilinear(square, original.Height, original.Width).MoveToOuterDisposeScope();
    }

    /// <summary>What happens to pixels, for a file that is used elsewhere: the longer side becomes the resolution, the rest is padding.</summary>
    internal static object Facts(int size) =>
        new
        {
            Resolution = size,
            Fit = "longerSide",
            PadEnd = 0,
            Mean,
            Deviation,
            Range = 255,
        };

    private static Tensor Bilinear(Tensor logits, long height, long width) =>
        nn.functional.interpolate(logits, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
}
