namespace Recipes.Data;

/// <summary>
/// Turns closed polygons into the exact covered area of every pixel: each edge adds the signed area to its right, and a
/// running sum over the row gives the coverage. Reused from one outline to the next; no allocation once it has grown.
/// </summary>
internal sealed class CoverageBuffer
{
    private double[] _points = new double[1024];
    private int[] _ends = new int[64];
    private int _count;
    private int _polygons;
    private float[] _area = new float[64 * 64];

    /// <summary>Left column of the covered rectangle; may lie outside the picture.</summary>
    public int Left { get; private set; }

    /// <summary>Top row of the covered rectangle; may lie outside the picture.</summary>
    public int Top { get; private set; }

    /// <summary>Columns of the covered rectangle.</summary>
    public int Width { get; private set; }

    /// <summary>Rows of the covered rectangle.</summary>
    public int Height { get; private set; }

    /// <summary>Forgets all polygons.</summary>
    public void Clear() => (_count, _polygons) = (0, 0);

    /// <summary>Adds a corner of the current polygon, in pixels.</summary>
    public void Add(double x, double y)
    {
        if (_count + 2 > _points.Length)
            Array.Resize(ref _points, 2 * _points.Length);
        _points[_count++] = x;
        _points[_count++] = y;
    }

    /// <summary>Closes the current polygon.</summary>
    public void Close()
    {
        if (_polygons == _ends.Length)
            Array.Resize(ref _ends, 2 * _ends.Length);
        _ends[_polygons++] = _count;
    }

    /// <summary>The covered part, 0 to 1, of each pixel of a row of the rectangle.</summary>
    public ReadOnlySpan<float> Row(int y) => _area.AsSpan(y * (Width + 2), Width);

    /// <summary>Computes the coverage of everything added; where polygons of one direction overlap the union counts.</summary>
    public void Fill()
    {
        Bounds();
        var stride = Width + 2;
        if (_area.Length < stride * Height)
            _area = new float[stride * Height];
        _area.AsSpan(0, stride * Height).Clear();
        var start = 0;
        for (var p = 0; p < _polygons; p++)
        {
            var (x, y) = (_points[_ends[p] - 2] - Left, _points[_ends[p] - 1] - Top);
            for (var i = start; i < _ends[p]; i += 2)
            {
                var (nx, ny) = (_points[i] - Left, _points[i + 1] - Top);
                Edge(x, y, nx, ny);
                (x, y) = (nx, ny);
            }
            start = _ends[p];
        }
        for (var y = 0; y < Height; y++)
        {
            var sum = 0f;
            foreach (ref var cell in _area.AsSpan(y * stride, Width))
            {
                sum += cell;
                cell = Math.Min(Math.Abs(sum), 1f);
            }
        }
    }

    private void Bounds()
    {
        var (left, top, right, bottom) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        for (var i = 0; i < _count; i += 2)
        {
            left = Math.Min(left, _points[i]);
            right = Math.Max(right, _points[i]);
            top = Math.Min(top, _points[i + 1]);
            bottom = Math.Max(bottom, _points[i + 1]);
        }
        (Left, Top) = ((int)Math.Floor(left), (int)Math.Floor(top));
        (Width, Height) = ((int)Math.Ceiling(right) - Left + 1, (int)Math.Ceiling(bottom) - Top + 1);
    }

    private void Edge(double x0, double y0, double x1, double y1)
    {
        if (y0 == y1)
            return;
        var sign = y0 < y1 ? 1.0 : -1.0;
        if (sign < 0)
            (x0, y0, x1, y1) = (x1, y1, x0, y0);
        var slope = (x1 - x0) / (y1 - y0);
        var x = x0;
        for (var row = (int)y0; row < y1; row++)
        {
            var bottom = Math.Min(row + 1, y1);
            var next = bottom < y1 ? x0 + (bottom - y0) * slope : x1;
            var span = _area.AsSpan(row * (Width + 2), Width + 2);
            Piece(span, sign * (bottom - Math.Max(row, y0)), Math.Min(x, next), Math.Max(x, next));
            x = next;
        }
    }

    // An edge piece within one row, of height `rise`, between columns `low` and `high`. The area to its right within the pixels
    // up to column z is rise times the mean of max(0, z - x); the cells hold second differences of that.
    private static void Piece(Span<float> row, double rise, double low, double high)
    {
        var first = (int)low;
        if (high <= first + 1)
        {
            var inside = 1 - (0.5 * (low + high) - first);
            row[first] += (float)(rise * inside);
            row[first + 1] += (float)(rise * (1 - inside));
            return;
        }
        var middle = 0.5 * (low + high);
        var scale = 0.5 / (high - low);
        var (before, coverage) = (0.0, 0.0);
        for (var c = first; coverage < 1; c++)
        {
            var z = c + 1;
            var total = z >= high ? z - middle : (z - low) * (z - low) * scale;
            var covered = z > high + 1 ? 1 : total - before;
            row[c] += (float)(rise * (covered - coverage));
            (before, coverage) = (total, covered);
        }
    }
}
