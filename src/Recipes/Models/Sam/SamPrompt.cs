using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>A click on a picture.</summary>
/// <param name="X">Pixels from the left edge, 0 to the picture's width.</param>
/// <param name="Y">Pixels from the upper edge, 0 to its height.</param>
/// <param name="Foreground">Whether it is on the object; else it is on what does not belong to it.</param>
public readonly record struct SamPoint(double X, double Y, bool Foreground = true);

/// <summary>What says which object is meant: points, a box, an earlier mask, or several of these together.</summary>
public sealed record SamPrompt
{
    /// <summary>Clicks.</summary>
    public IReadOnlyList<SamPoint> Points { get; init; } = [];

    /// <summary>A box around the object, in pixels of the picture.</summary>
    public PixelBox? Box { get; init; }

    /// <summary>The logits of an earlier mask, to be refined.</summary>
    public SamLogits? Mask { get; init; }

    /// <summary>One click on the object.</summary>
    public static SamPrompt At(double x, double y) => new() { Points = [new SamPoint(x, y)] };

    /// <summary>A box around the object.</summary>
    public static SamPrompt In(PixelBox box) => new() { Box = box };

    internal IEnumerable<string> Problems(string name, RgbImage image, (long Width, long Height) mask)
    {
        if (Points.Count == 0 && Box is null && Mask is null)
            yield return $"{(name.Length == 0 ? "points, boxes, mask" : name.TrimEnd('.'))}: expected points, a box or a mask, found none; say what to segment, for example with SamPrompt.At(x, y)";
        for (var i = 0; i < Points.Count; i++)
        {
            var (x, y) = (Points[i].X, Points[i].Y);
            if (!(x >= 0 && x <= image.Width && y >= 0 && y <= image.Height))
                yield return FormattableString.Invariant(
                    $"{name}points[{i}]: expected x from 0 to {image.Width} and y from 0 to {image.Height}, found ({x}, {y}); give pixels of the picture as it was given, x first"
                );
        }
        if (Box is { } box && (box.IsEmpty || box.Left < 0 || box.Top < 0 || box.Right > image.Width || box.Bottom > image.Height))
            yield return $"{name}box: expected 0 <= left < right <= {image.Width} and 0 <= top < bottom <= {image.Height}, found left {box.Left}, top {box.Top}, right {box.Right}, bottom {box.Bottom}; clip it to the picture";
        if (Mask is not null && (Mask.Width, Mask.Height) != mask)
            yield return $"{name}mask: expected logits of {mask.Width} x {mask.Height}, found {Mask.Width} x {Mask.Height}; take those of a mask of the same image and resolution";
    }
}

/// <summary>A mask as the network puts it out and takes it in again: above 0 is the object. One value for 4 x 4 pixels of its input.</summary>
/// <param name="Values">Row by row, <c>[Height, Width]</c>.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record SamLogits(float[] Values, int Width, int Height)
{
    /// <summary>Row by row, <c>[Height, Width]</c>.</summary>
    public float[] Values { get; } =
        Values.Length == (long)Width * Height
            ? Values
            : throw new RecipesException(
                $"SamLogits, Values: expected {Width} x {Height} = {(long)Width * Height} numbers, found {Values.Length}. Give the sides in the order width, height."
            );

    /// <summary>The values as float32 <c>[Height, Width]</c>, in the caller's scope.</summary>
    public Tensor ToTensor() => tensor(Values, [Height, Width]);
}
