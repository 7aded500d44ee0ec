using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Display;

// A tensor whose shape says image, drawn: [H, W], [C, H, W] or [N, C, H, W] with one or three channels.
internal static class TensorPictures
{
    private const int Least = 8;
    private const int Most = 2048;
    private const int Count = 16;

    /// <summary>The pictures, or null when the shape or the type says no image.</summary>
    public static Block? Of(Tensor tensor, TensorStatistics statistics)
    {
        if (Images(tensor) is not { } images || is_complex(tensor.dtype) || statistics.Min is null)
            return null;
        var (black, white, range) = Range(tensor.dtype, statistics);
        var (all, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
        var shown = (int)Math.Min(all, Count);
        var (largest, room) = (Math.Max(height, width), all == 1 ? 1024 : 256);
        var factor = (largest + room - 1) / room;
        var scale = factor > 1 ? $", shown at 1/{factor}" : "";
        var pictures = Enumerable
            .Range(0, shown)
            .Select(i => new Picture(
                Png(images[i], black, white, factor),
                all == 1 ? $"{height} × {width}, {range}{scale}" : $"{i}",
                alt: $"Image {i} of the tensor"
            ))
            .ToList();
        if (all == 1 && width > 96)
            return pictures[0];
        var caption = all == 1 ? "" : $"{(shown < all ? $"{shown} of {all:#,0} images" : $"{all} images")}, {range}{scale}";
        return new PictureGrid(caption, pictures);
    }

    // [N, C, H, W] with C = 1 or 3, or null.
    private static Tensor? Images(Tensor tensor)
    {
        var shape = tensor.shape;
        if (shape.Length is < 2 or > 4 || shape[^2] is < Least or > Most || shape[^1] is < Least or > Most || shape[0] == 0)
            return null;
        if (shape.Length == 2)
            return tensor.unsqueeze(0).unsqueeze(0);
        return shape[^3] is not (1 or 3) ? null
            : shape.Length == 3 ? tensor.unsqueeze(0)
            : tensor;
    }

    private static (double Black, double White, string Range) Range(ScalarType type, TensorStatistics statistics)
    {
        var (min, max) = (Convert.ToDouble(statistics.Min), Convert.ToDouble(statistics.Max));
        if (type == ScalarType.Byte)
            return (0, 255, "values as they are");
        if (type == ScalarType.Bool)
            return (0, 1, "white is true");
        if (is_floating_point(type) && min >= 0 && max <= 1)
            return (0, 1, "black 0, white 1");
        return (min, max > min ? max : min + 1, $"black {Numbers.Text(min)}, white {Numbers.Text(max)}");
    }

    // Grey in three channels; what is not a number in magenta.
    private static byte[] Png(Tensor image, double black, double white, long factor)
    {
        using var scope = NewDisposeScope();
        var floats = image.to(ScalarType.Float32, CPU);
        if (factor > 1)
            floats = nn.functional.avg_pool2d(floats.unsqueeze(0), factor, ceil_mode: true, count_include_pad: false).squeeze(0);
        var (channels, height, width) = (floats.shape[0], (int)floats.shape[1], (int)floats.shape[2]);
        var values = floats.contiguous().data<float>().ToArray();
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        var plane = height * width;
        for (var i = 0; i < plane; i++)
        {
            var pixel = pixels.Slice(4 * i, 4);
            for (var c = 0; c < 3; c++)
            {
                var value = values[channels == 1 ? i : c * plane + i];
                pixel[c] = (byte)(
                    float.IsNaN(value) ? 255 * (c % 2 == 0 ? 1 : 0) : Math.Clamp(255 * (value - black) / (white - black), 0, 255) + 0.5
                );
            }
            pixel[3] = 255;
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
