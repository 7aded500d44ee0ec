namespace Recipes.Data;

/// <summary>A rectangle of a sample at another size: the picture bilinear and antialiased, each place of a map from the pixel under its middle.</summary>
internal static class DenseCrop
{
    // The least part of a box that must be within the rectangle for it to stay.
    private const double LeastInView = 0.25;

    public static DenseSample Apply(DenseSample sample, PixelBox box, bool mirrored, int width, int height)
    {
        var image = sample.Image;
        if (!mirrored && (box, width, height) == (new PixelBox(0, 0, image.Width, image.Height), image.Width, image.Height))
            return sample;
        var rgb = new byte[3 * width * height];
        Resampler.Shared.Resize(image.Rgb, image.Width, box, rgb, width, height);
        if (mirrored)
            Mirror(rgb, 3 * width, 3);
        return new DenseSample(
            new RgbImage(rgb, width, height),
            Nearest(sample.Labels, image.Width, box, mirrored, width, height),
            Nearest(sample.Depth, image.Width, box, mirrored, width, height),
            sample.Boxes is null ? null : [.. Boxes(sample.Boxes, box, mirrored, width, height)]
        );
    }

    private static T[]? Nearest<T>(T[]? map, int stride, PixelBox box, bool mirrored, int width, int height)
    {
        if (map is null)
            return null;
        var target = new T[width * height];
        for (var y = 0; y < height; y++)
        {
            var row = (box.Top + (2 * y + 1) * box.Height / (2 * height)) * stride + box.Left;
            for (var x = 0; x < width; x++)
                target[y * width + (mirrored ? width - 1 - x : x)] = map[row + (2 * x + 1) * box.Width / (2 * width)];
        }
        return target;
    }

    private static IEnumerable<LabelledBox> Boxes(IReadOnlyList<LabelledBox> boxes, PixelBox crop, bool mirrored, int width, int height)
    {
        var (sx, sy) = ((double)width / crop.Width, (double)height / crop.Height);
        foreach (var (label, box) in boxes)
        {
            var (left, right) = (Math.Max(box.Left, crop.Left) - crop.Left, Math.Min(box.Right, crop.Right) - crop.Left);
            var (top, bottom) = (Math.Max(box.Top, crop.Top) - crop.Top, Math.Min(box.Bottom, crop.Bottom) - crop.Top);
            if (right <= left || bottom <= top || (right - left) * (bottom - top) < LeastInView * box.Width * box.Height)
                continue;
            var placed = new PixelBox(
                (int)Math.Round(left * sx),
                (int)Math.Round(top * sy),
                (int)Math.Round(right * sx),
                (int)Math.Round(bottom * sy)
            );
            if (!placed.IsEmpty)
                yield return new LabelledBox(
                    label,
                    mirrored ? placed with { Left = width - placed.Right, Right = width - placed.Left } : placed
                );
        }
    }

    private static void Mirror(byte[] rgb, int row, int pixel)
    {
        for (var start = 0; start < rgb.Length; start += row)
        {
            for (var (a, b) = (start, start + row - pixel); a < b; a += pixel, b -= pixel)
            {
                for (var c = 0; c < pixel; c++)
                    (rgb[a + c], rgb[b + c]) = (rgb[b + c], rgb[a + c]);
            }
        }
    }
}
