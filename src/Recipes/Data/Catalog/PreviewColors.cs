namespace Recipes.Data;

/// <summary>Masks and depth as pictures.</summary>
internal static class PreviewColors
{
    private static readonly (byte, byte, byte)[] s_palette =
    [
        (31, 34, 43),
        (230, 85, 80),
        (246, 166, 60),
        (250, 220, 90),
        (110, 190, 95),
        (60, 180, 175),
        (80, 150, 230),
        (105, 105, 205),
        (175, 110, 205),
        (235, 135, 185),
        (165, 125, 95),
        (240, 240, 240),
    ];

    /// <summary>The colour of a semantic label.</summary>
    public static (byte R, byte G, byte B) Semantic(int label) => s_palette[label % s_palette.Length];

    /// <summary>The colour of an instance: neighbours differ clearly.</summary>
    public static (byte R, byte G, byte B) Instance(int number) => number == 0 ? s_palette[0] : s_palette[1 + (number - 1) * 3 % 10];

    /// <summary>A label map as a PNG.</summary>
    public static byte[] Labels(byte[] labels, int size, Func<int, (byte R, byte G, byte B)> color)
    {
        var rgb = new byte[3 * labels.Length];
        for (var i = 0; i < labels.Length; i++)
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = color(labels[i]);
        return ImageBytes.ToPng(rgb, size, size);
    }

    /// <summary>A depth map in metres as a grey PNG, light for near.</summary>
    public static byte[] Depth(float[] depth, int size)
    {
        var rgb = new byte[3 * depth.Length];
        for (var i = 0; i < depth.Length; i++)
            rgb.AsSpan(3 * i, 3).Fill((byte)Math.Clamp(255 - 245 * (depth[i] - 1) / 9, 0, 255));
        return ImageBytes.ToPng(rgb, size, size);
    }
}
