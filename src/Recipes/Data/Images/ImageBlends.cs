namespace Recipes.Data;

/// <summary>Brightness, colour, contrast and sharpness: a blend of the picture with a plainer form of itself.</summary>
internal static class ImageBlends
{
    public static void Apply(ImageOp op, float factor, ReadOnlySpan<byte> source, Span<byte> target, int width, int height)
    {
        switch (op)
        {
            case ImageOp.Brightness:
                Towards(0, factor, source, target);
                break;
            case ImageOp.Contrast:
                Towards(MeanGrey(source), factor, source, target);
                break;
            case ImageOp.Color:
                for (var i = 0; i < source.Length; i += 3)
                {
                    var grey = Grey(source, i);
                    for (var c = i; c < i + 3; c++)
                        target[c] = Blend(grey, source[c], factor);
                }
                break;
            default:
                Sharpen(factor, source, target, width, height);
                break;
        }
    }

    private static void Towards(byte level, float factor, ReadOnlySpan<byte> source, Span<byte> target)
    {
        Span<byte> table = stackalloc byte[256];
        for (var v = 0; v < 256; v++)
            table[v] = Blend(level, (byte)v, factor);
        for (var i = 0; i < source.Length; i++)
            target[i] = table[source[i]];
    }

    // 3 x 3 neighbours with weight 1 and a centre with weight 5, over 13, rounded; border pixels stay.
    private static void Sharpen(float factor, ReadOnlySpan<byte> source, Span<byte> target, int width, int height)
    {
        source.CopyTo(target);
        var stride = 3 * width;
        for (var row = 1; row < height - 1; row++)
        {
            for (var i = row * stride + 3; i < (row + 1) * stride - 3; i++)
            {
                var sum = 4 * source[i];
                for (var line = i - stride; line <= i + stride; line += stride)
                    sum += source[line - 3] + source[line] + source[line + 3];
                target[i] = Blend((byte)((2 * sum + 13) / 26), source[i], factor);
            }
        }
    }

    private static byte MeanGrey(ReadOnlySpan<byte> source)
    {
        var sum = 0L;
        for (var i = 0; i < source.Length; i += 3)
            sum += Grey(source, i);
        return (byte)((double)sum / (source.Length / 3) + 0.5);
    }

    private static byte Grey(ReadOnlySpan<byte> rgb, int i) =>
        (byte)((19595 * rgb[i] + 38470 * rgb[i + 1] + 7471 * rgb[i + 2] + 32768) >> 16);

    private static byte Blend(byte plain, byte value, float factor) => (byte)Math.Clamp(plain + factor * (value - plain), 0f, 255f);
}
