using Recipes.Data;
using SkiaSharp;

namespace Recipes.Models;

// A picture with masks in colour, their outlines, and the prompts: clicks as discs with a plus or a minus, boxes as frames.
internal static class SamOverlay
{
    private const int Longest = 640;

    public static byte[] Png(RgbImage image, IReadOnlyList<(SamPrompt Prompt, SamMask Mask)> layers)
    {
        var shown = Math.Max(image.Width, image.Height) > Longest ? image.ResizeLongest(Longest) : image;
        var rgb = (byte[])shown.Rgb.Clone();
        for (var i = 0; i < layers.Count; i++)
            Tint(rgb, shown.Width, shown.Height, layers[i].Mask, PreviewColors.Instance(6 + i));
        using var bitmap = new SKBitmap(shown.Width, shown.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var p = 0; p < shown.Width * shown.Height; p++)
        {
            rgb.AsSpan(3 * p, 3).CopyTo(pixels[(4 * p)..]);
            pixels[4 * p + 3] = 255;
        }
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Scale((float)shown.Width / image.Width, (float)shown.Height / image.Height);
            var unit = Math.Max(image.Width, image.Height) / (float)Math.Max(shown.Width, shown.Height); // one shown pixel
            for (var i = 0; i < layers.Count; i++)
            {
                var (r, g, b) = PreviewColors.Instance(6 + i);
                Prompt(canvas, layers[i].Prompt, new SKColor(r, g, b), unit);
            }
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    // Half of the colour within, all of it on the two pixels of the edge, dark on the pixel outside of it.
    private static void Tint(byte[] rgb, int width, int height, SamMask mask, (byte R, byte G, byte B) color)
    {
        var inside = new bool[width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                inside[y * width + x] = mask[(2 * x + 1) * mask.Width / (2 * width), (2 * y + 1) * mask.Height / (2 * height)];
        }
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var within = inside[y * width + x];
                var edge = Near(x, y, within ? 2 : 1, !within);
                if (!within && !edge)
                    continue;
                var (share, target) = within ? (edge ? 1.0 : 0.45, color) : (0.6, ((byte)20, (byte)20, (byte)20));
                var at = rgb.AsSpan(3 * (y * width + x), 3);
                at[0] = Blend(at[0], target.Item1, share);
                at[1] = Blend(at[1], target.Item2, share);
                at[2] = Blend(at[2], target.Item3, share);
            }
        }

        bool Near(int x, int y, int reach, bool value)
        {
            for (var dy = -reach; dy <= reach; dy++)
            {
                for (var dx = -reach; dx <= reach; dx++)
                {
                    var (nx, ny) = (x + dx, y + dy);
                    if (nx >= 0 && nx < width && ny >= 0 && ny < height && inside[ny * width + nx] == value)
                        return true;
                }
            }
            return false;
        }
    }

    private static byte Blend(byte from, byte to, double share) => (byte)(from + (to - from) * share);

    private static void Prompt(SKCanvas canvas, SamPrompt prompt, SKColor color, float unit)
    {
        using var paint = new SKPaint { IsAntialias = true };
        void Stroke(SKColor ink, float width) => (paint.Style, paint.Color, paint.StrokeWidth) = (SKPaintStyle.Stroke, ink, width * unit);
        if (prompt.Box is { } box)
        {
            foreach (var (ink, width) in ((SKColor, float)[])[(SKColors.White, 5), (color, 3)])
            {
                Stroke(ink, width);
                canvas.DrawRect(new SKRect(box.Left, box.Top, box.Right, box.Bottom), paint);
            }
        }
        foreach (var point in prompt.Points)
        {
            var (x, y, radius) = ((float)point.X, (float)point.Y, 8 * unit);
            (paint.Style, paint.Color) = (SKPaintStyle.Fill, point.Foreground ? new SKColor(0, 122, 94) : new SKColor(190, 30, 45));
            canvas.DrawCircle(x, y, radius, paint);
            Stroke(SKColors.White, 2);
            canvas.DrawCircle(x, y, radius, paint);
            var arm = radius / 2;
            canvas.DrawLine(x - arm, y, x + arm, y, paint);
            if (point.Foreground)
                canvas.DrawLine(x, y - arm, x, y + arm, paint);
        }
    }
}
