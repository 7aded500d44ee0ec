namespace Recipes.Data;

/// <summary>Bytes to normalised numbers by a table.</summary>
internal sealed class PixelTable(Normalization normalization, bool channelsLast)
{
    private readonly float[] _table = normalization.Table();

    /// <summary>Writes a picture's bytes <c>[H, W, 3]</c> as numbers, in the layout of the table.</summary>
    public void Normalize(ReadOnlySpan<byte> pixels, Span<float> target)
    {
        ReadOnlySpan<float> red = _table.AsSpan(0, 256);
        ReadOnlySpan<float> green = _table.AsSpan(256, 256);
        ReadOnlySpan<float> blue = _table.AsSpan(512, 256);
        var area = pixels.Length / 3;
        if (channelsLast)
        {
            for (var i = 0; i < pixels.Length; i += 3)
                (target[i], target[i + 1], target[i + 2]) = (red[pixels[i]], green[pixels[i + 1]], blue[pixels[i + 2]]);
            return;
        }
        var r = target[..area];
        var g = target.Slice(area, area);
        var b = target.Slice(2 * area, area);
        for (var i = 0; i < area; i++)
            (r[i], g[i], b[i]) = (red[pixels[3 * i]], green[pixels[3 * i + 1]], blue[pixels[3 * i + 2]]);
    }
}
