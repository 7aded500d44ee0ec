using SkiaSharp;

namespace Recipes.Notebook.Jupyter;

/// <summary>A kernel's logo: branches that fold into one, and the language's letter. One list of strokes gives SVG and PNG.</summary>
internal static class KernelLogo
{
    private const int Size = 64;
    private const string Sharp = "M39 27 V45 M47 25 V43 M35 33 H51 M35 39 H51";

    private static readonly Dictionary<string, (string Color, string Letter)> _languages = new(StringComparer.Ordinal)
    {
        ["csharp"] = ("#5b3fa6", "M28 29 A8.5 8.5 0 1 0 28 41"),
        ["fsharp"] = ("#1f6f9f", "M16 45 V26 H28 M16 35 H26"),
    };

    // Three branches that become one, as a block does when it is folded.
    private const string Branches = "M10 10 C24 10 24 16 36 16 M10 16 H54 M10 22 C24 22 24 16 36 16";
    private const string Rows = "M14 54 H50";

    /// <summary>The logo as SVG.</summary>
    public static string Svg(string language)
    {
        var (color, letter) = _languages[language];
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Size} {Size}">
              <rect width="{Size}" height="{Size}" rx="12" fill="{color}"/>
              <g fill="none" stroke="#fff" stroke-linecap="round" stroke-linejoin="round">
                <path d="{Branches} {Rows}" stroke-width="2.5" opacity="0.7"/>
                <path d="{letter} {Sharp}" stroke-width="3.5"/>
              </g>
            </svg>

            """;
    }

    /// <summary>The logo as a PNG file of <paramref name="size"/> pixels each way.</summary>
    public static byte[] Png(string language, int size)
    {
        var (color, letter) = _languages[language];
        using var surface = SKSurface.Create(new SKImageInfo(size, size));
        var canvas = surface.Canvas;
        canvas.Scale(size / (float)Size);
        using var ground = new SKPaint { Color = SKColor.Parse(color), IsAntialias = true };
        canvas.DrawRoundRect(0, 0, Size, Size, 12, 12, ground);
        Stroke(canvas, $"{Branches} {Rows}", 2.5f, 0xb2);
        Stroke(canvas, $"{letter} {Sharp}", 3.5f, 0xff);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static void Stroke(SKCanvas canvas, string strokes, float width, byte alpha)
    {
        using var pen = new SKPaint
        {
            Color = SKColors.White.WithAlpha(alpha),
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = width,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
        };
        using var path = SKPath.ParseSvgPathData(strokes);
        canvas.DrawPath(path, pen);
    }
}
