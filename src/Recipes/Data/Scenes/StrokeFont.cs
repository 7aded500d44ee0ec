namespace Recipes.Data;

/// <summary>
/// Capital letters as pen strokes on a grid 4 wide and 6 high. A letter is a list of strokes, a stroke a list of two-digit
/// points (column, row), so that the font is a table one can read.
/// </summary>
internal static class StrokeFont
{
    private const double Advance = 5.6;
    private const double Pen = 0.55;
    private const int CapPoints = 8;

    private static readonly string[] s_letters =
    [
        "06 02 20 42 46|04 44", // A
        "00 30 41 42 33 03|33 44 45 36 06 00", // B
        "41 30 10 01 05 16 36 45", // C
        "00 30 41 45 36 06 00", // D
        "40 00 06 46|03 33", // E
        "40 00 06|03 33", // F
        "41 30 10 01 05 16 36 45 43 23", // G
        "00 06|40 46|03 43", // H
        "20 26|10 30|16 36", // I
        "40 45 36 16 05", // J
        "00 06|40 03 46", // K
        "00 06 46", // L
        "06 00 23 40 46", // M
        "06 00 46 40", // N
        "10 30 41 45 36 16 05 01 10", // O
        "06 00 30 41 42 33 03", // P
        "10 30 41 45 36 16 05 01 10|24 46", // Q
        "06 00 30 41 42 33 03|23 46", // R
        "41 30 10 01 02 13 33 44 45 36 16 05", // S
        "00 40|20 26", // T
        "00 05 16 36 45 40", // U
        "00 26 40", // V
        "00 16 22 36 40", // W
        "00 46|40 06", // X
        "00 23 40|23 26", // Y
        "00 40 06 46", // Z
    ];

    private static readonly double[][][] s_strokes = [.. s_letters.Select(Parse)];

    /// <summary>The width of a text in units of its letter height.</summary>
    public static double Width(string text) => (text.Length * Advance - 1.6 + 2 * Pen) / 6;

    /// <summary>Adds a word's strokes to the buffer as outlines with round ends, for a picture of this many pixels a side.</summary>
    public static void Outline(SceneWord word, int size, CoverageBuffer buffer)
    {
        var (sin, cos) = SceneOutlines.SinCos(word.Turn);
        var unit = word.Height / 6 * size;
        var left = -0.5 * (word.Text.Length * Advance - 1.6);
        for (var i = 0; i < word.Text.Length; i++)
        {
            foreach (var stroke in s_strokes[word.Text[i] - 'A'])
            {
                for (var p = 2; p < stroke.Length; p += 2)
                {
                    var (x0, y0) = Place(stroke[p - 2], stroke[p - 1]);
                    var (x1, y1) = Place(stroke[p], stroke[p + 1]);
                    Capsule(buffer, x0, y0, x1, y1, Pen * unit);
                }
            }
            left += Advance;
        }

        (double X, double Y) Place(double x, double y)
        {
            (x, y) = ((x + left) * unit, (y - 3) * unit);
            return (word.X * size + cos * x - sin * y, word.Y * size + sin * x + cos * y);
        }
    }

    private static void Capsule(CoverageBuffer buffer, double x0, double y0, double x1, double y1, double radius)
    {
        var (dx, dy) = (x1 - x0, y1 - y0);
        var length = Math.Sqrt(dx * dx + dy * dy);
        (dx, dy) = (dx / length * radius, dy / length * radius);
        for (var i = 0; i <= CapPoints; i++)
        {
            var (sin, cos) = SceneOutlines.SinCos(0.25 + 0.5 * i / CapPoints);
            buffer.Add(x0 + cos * dx - sin * dy, y0 + cos * dy + sin * dx);
        }
        for (var i = 0; i <= CapPoints; i++)
        {
            var (sin, cos) = SceneOutlines.SinCos(0.75 + 0.5 * i / CapPoints);
            buffer.Add(x1 + cos * dx - sin * dy, y1 + cos * dy + sin * dx);
        }
        buffer.Close();
    }

    private static double[][] Parse(string letter) =>
        [.. letter.Split('|').Select(s => s.Split(' ').SelectMany(p => new[] { (double)(p[0] - '0'), p[1] - '0' }).ToArray())];
}
