namespace Recipes.Data;

/// <summary>
/// Draws scenes. Holds its working memory, so that drawing allocates nothing; one painter serves one thread at a time.
/// </summary>
/// <remarks>
/// The picture is vector drawing with exact area coverage (box filter) of every outline, patterns averaged over the pixel, and
/// layers laid over each other from back to front. It uses only additions, multiplications, divisions and square roots in a fixed
/// order: the bytes are the same on every machine.
/// </remarks>
public sealed class ScenePainter
{
    private const double PatternsPerRadius = 1.7;
    private const double Haze = 0.3;
    private const double Light = 0.16;

    [ThreadStatic]
    private static ScenePainter? s_shared;

    private readonly CoverageBuffer _coverage = new();
    private readonly SceneBackdrop _backdrop = new();
    private float[] _canvas = [];

    /// <summary>This thread's painter.</summary>
    public static ScenePainter Shared => s_shared ??= new ScenePainter();

    /// <summary>Draws the picture.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="size">Side in pixels, at least 1.</param>
    /// <param name="rgb">Receives <c>size * size * 3</c> bytes, row by row, red, green, blue.</param>
    /// <exception cref="RecipesException">The span has another length.</exception>
    public void Paint(Scene scene, int size, Span<byte> rgb)
    {
        ImageBytes.Require(rgb.Length, size);
        if (_canvas.Length < rgb.Length)
            _canvas = new float[rgb.Length];
        var canvas = _canvas.AsSpan(0, rgb.Length);
        _backdrop.Paint(scene, size, canvas);
        foreach (var o in scene.Objects)
            Paint(o, scene.Background.First, size, canvas);
        if (scene.Word is { } word)
            Paint(word, size, canvas);
        for (var i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)(Math.Clamp(canvas[i], 0f, 255f) + 0.5f);
    }

    /// <summary>Draws masks, boxes and depth, from the same outlines as the picture.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="size">Side in pixels, at least 1.</param>
    public SceneAnnotations Annotate(Scene scene, int size)
    {
        var instances = new byte[size * size];
        for (var i = 0; i < scene.Objects.Count; i++)
        {
            new SceneLayer(scene.Objects[i], size).Fill(scene.Objects[i].Shape, _coverage);
            Mark(instances, size, (byte)(i + 1));
        }
        if (scene.Word is { } word)
        {
            Fill(word, size);
            Mark(instances, size, (byte)(scene.Objects.Count + 1));
        }
        return SceneAnnotations.From(scene, size, instances);
    }

    // A pixel belongs to the nearest thing that covers at least half of it.
    private void Mark(byte[] instances, int size, byte number)
    {
        for (var y = Math.Max(0, -_coverage.Top); y < _coverage.Height && y + _coverage.Top < size; y++)
        {
            var row = _coverage.Row(y);
            var start = (y + _coverage.Top) * size + _coverage.Left;
            for (var x = Math.Max(0, -_coverage.Left); x < row.Length && x + _coverage.Left < size; x++)
            {
                if (row[x] >= 0.5f)
                    instances[start + x] = number;
            }
        }
    }

    private void Paint(SceneObject o, Rgb air, int size, Span<float> canvas)
    {
        var layer = new SceneLayer(o, size);
        layer.Fill(o.Shape, _coverage);
        var haze = (float)(Haze * (o.Distance - 2) / 6);
        var color = ScenePalette.Of(o.Color).Plus(o.Tint).Towards(air, haze);
        var partner = ScenePalette.Partner(color);
        var pixel = layer.Pixel * PatternsPerRadius;
        for (var y = Math.Max(0, -_coverage.Top); y < _coverage.Height && y + _coverage.Top < size; y++)
        {
            var coverage = _coverage.Row(y);
            var row = y + _coverage.Top;
            var light = (float)(1 - Light * layer.Below(row));
            for (var x = Math.Max(0, -_coverage.Left); x < coverage.Length && x + _coverage.Left < size; x++)
            {
                if (coverage[x] < 1e-4f)
                    continue;
                var column = x + _coverage.Left;
                var fill = color;
                if (o.Pattern != ScenePattern.Solid)
                {
                    var (u, v) = layer.At(column, row);
                    fill = color.Towards(
                        partner,
                        (float)ScenePatterns.Share(o.Pattern, u * PatternsPerRadius, v * PatternsPerRadius, pixel)
                    );
                }
                Blend(canvas.Slice(3 * (row * size + column), 3), new Rgb(fill.R * light, fill.G * light, fill.B * light), coverage[x]);
            }
        }
    }

    private void Fill(SceneWord word, int size)
    {
        _coverage.Clear();
        StrokeFont.Outline(word, size, _coverage);
        _coverage.Fill();
    }

    private void Paint(SceneWord word, int size, Span<float> canvas)
    {
        Fill(word, size);
        for (var y = Math.Max(0, -_coverage.Top); y < _coverage.Height && y + _coverage.Top < size; y++)
        {
            var coverage = _coverage.Row(y);
            for (var x = Math.Max(0, -_coverage.Left); x < coverage.Length && x + _coverage.Left < size; x++)
            {
                if (coverage[x] >= 1e-4f)
                    Blend(canvas.Slice(3 * ((y + _coverage.Top) * size + x + _coverage.Left), 3), word.Ink, coverage[x]);
            }
        }
    }

    private static void Blend(Span<float> pixel, Rgb color, float coverage)
    {
        pixel[0] += coverage * (color.R - pixel[0]);
        pixel[1] += coverage * (color.G - pixel[1]);
        pixel[2] += coverage * (color.B - pixel[2]);
    }
}
