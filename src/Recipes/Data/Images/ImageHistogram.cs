namespace Recipes.Data;

/// <summary>AutoContrast and Equalize: a table for each channel from its histogram.</summary>
internal static class ImageHistogram
{
    public static void Apply(ImageOp op, ReadOnlySpan<byte> source, Span<byte> target, int pixels)
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var channel = 0; channel < 3; channel++)
        {
            counts.Clear();
            for (var i = channel; i < source.Length; i += 3)
                counts[source[i]]++;
            if (op == ImageOp.Equalize)
                Equalize(counts, pixels, table);
            else
                Stretch(counts, table);
            for (var i = channel; i < source.Length; i += 3)
                target[i] = table[source[i]];
        }
    }

    private static void Stretch(ReadOnlySpan<int> counts, Span<byte> table)
    {
        var low = counts.IndexOfAnyExcept(0);
        var high = counts.LastIndexOfAnyExcept(0);
        var scale = high > low ? 255.0 / (high - low) : 1;
        var offset = high > low ? -low * scale : 0;
        for (var v = 0; v < 256; v++)
            table[v] = (byte)Math.Clamp((int)(v * scale + offset), 0, 255);
    }

    private static void Equalize(ReadOnlySpan<int> counts, int pixels, Span<byte> table)
    {
        var step = (pixels - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
        var below = 0;
        for (var v = 0; v < 256; v++)
        {
            table[v] = step == 0 ? (byte)v : (byte)Math.Min((step / 2 + below) / step, 255);
            below += counts[v];
        }
    }
}
