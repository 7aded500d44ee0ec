namespace Recipes.Data;

/// <summary>Paints the background: a mix of two colours that depends on the place alone, so it is the same at every resolution.</summary>
internal sealed class SceneBackdrop
{
    private const int Lattice = 9;
    private readonly float[] _clouds = new float[2 * Lattice * Lattice];

    /// <summary>Fills a canvas of <c>size * size</c> RGB triples.</summary>
    public void Paint(Scene scene, int size, Span<float> canvas)
    {
        var background = scene.Background;
        var (first, second) = (background.First, background.Second);
        var (sin, cos) = SceneOutlines.SinCos(background.Turn);
        var clouds = background.Kind == BackgroundKind.Clouds;
        if (clouds)
            Clouds(scene);
        var pixel = background.Cells / size;
        var pattern = background.Kind == BackgroundKind.Striped ? ScenePattern.Striped : ScenePattern.Checked;
        var i = 0;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++, i += 3)
            {
                var (x, y) = ((column + 0.5) / size, (row + 0.5) / size);
                var (u, v) = (cos * (x - 0.5) + sin * (y - 0.5), cos * (y - 0.5) - sin * (x - 0.5));
                var share = background.Kind switch
                {
                    BackgroundKind.Plain => 0,
                    BackgroundKind.Gradient => Math.Clamp(0.5 + u, 0, 1),
                    BackgroundKind.Clouds => 0.7 * Cloud(0, 4 * x, 4 * y) + 0.3 * Cloud(Lattice * Lattice, 8 * x, 8 * y),
                    _ => ScenePatterns.Share(pattern, u * background.Cells, v * background.Cells, pixel),
                };
                var color = first.Towards(second, (float)share);
                (canvas[i], canvas[i + 1], canvas[i + 2]) = (color.R, color.G, color.B);
            }
        }
    }

    private void Clouds(Scene scene)
    {
        var rng = Rng.Stream(scene.Seed, "clouds", scene.Index);
        foreach (ref var value in _clouds.AsSpan())
            value = (float)rng.NextDouble();
    }

    // Smooth interpolation between random values on a lattice.
    private double Cloud(int offset, double x, double y)
    {
        var (column, row) = ((int)x, (int)y);
        var (s, t) = (Smooth(x - column), Smooth(y - row));
        var i = offset + row * Lattice + column;
        var top = _clouds[i] + s * (_clouds[i + 1] - _clouds[i]);
        var bottom = _clouds[i + Lattice] + s * (_clouds[i + Lattice + 1] - _clouds[i + Lattice]);
        return top + t * (bottom - top);
    }

    private static double Smooth(double t) => t * t * (3 - 2 * t);
}
