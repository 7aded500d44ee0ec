namespace Recipes.Data;

/// <summary>Where an object stands in a drawing of a given size, from pixels to the object's own coordinates.</summary>
internal readonly struct SceneLayer
{
    private readonly double _x;
    private readonly double _y;
    private readonly double _sin;
    private readonly double _cos;
    private readonly double _radius;

    public SceneLayer(SceneObject o, int size)
    {
        (_sin, _cos) = SceneOutlines.SinCos(o.Turn);
        (_x, _y, _radius) = (o.X * size, o.Y * size, o.Size * size);
    }

    /// <summary>One pixel in units of the object's radius.</summary>
    public double Pixel => 1 / _radius;

    /// <summary>Fills the buffer with the coverage of the object's outline.</summary>
    public void Fill(SceneShape shape, CoverageBuffer buffer)
    {
        buffer.Clear();
        foreach (var outline in SceneOutlines.Of(shape))
        {
            for (var i = 0; i < outline.Length; i += 2)
            {
                var (u, v) = (outline[i] * _radius, outline[i + 1] * _radius);
                buffer.Add(_x + _cos * u - _sin * v, _y + _sin * u + _cos * v);
            }
            buffer.Close();
        }
        buffer.Fill();
    }

    /// <summary>The object's own coordinates (1 = its radius) of a pixel's centre.</summary>
    public (double U, double V) At(int column, int row)
    {
        var (x, y) = ((column + 0.5 - _x) / _radius, (row + 0.5 - _y) / _radius);
        return (_cos * x + _sin * y, _cos * y - _sin * x);
    }

    /// <summary>How far below its centre a pixel lies, in units of the radius.</summary>
    public double Below(int row) => (row + 0.5 - _y) / _radius;
}
