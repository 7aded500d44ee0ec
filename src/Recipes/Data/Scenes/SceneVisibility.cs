namespace Recipes.Data;

/// <summary>Sees to it that enough of every object shows, without drawing: points of its body are looked at one by one.</summary>
internal static class SceneVisibility
{
    private const double MainInView = 0.6;
    private const double OtherInView = 0.4;
    private const int Lattice = 4;

    // Points of each shape's body, in units of its radius.
    private static readonly (double X, double Y)[][] s_probes = [.. Enum.GetValues<SceneShape>().Select(Probes)];

    /// <summary>Whether at least 60 % of the main object and 40 % of each other are in the picture and behind nothing.</summary>
    public static bool AllInView(List<SceneObject> objects, SceneWord? word, SceneObject main)
    {
        foreach (var o in objects)
        {
            if (InView(o, objects, word) < (ReferenceEquals(o, main) ? MainInView : OtherInView))
                return false;
        }
        return true;
    }

    private static double InView(SceneObject o, List<SceneObject> objects, SceneWord? word)
    {
        var probes = s_probes[(int)o.Shape];
        var (sin, cos) = SceneOutlines.SinCos(o.Turn);
        var seen = 0;
        foreach (var (u, v) in probes)
        {
            var (x, y) = (o.X + o.Size * (cos * u - sin * v), o.Y + o.Size * (sin * u + cos * v));
            var free = x is > 0 and < 1 && y is > 0 and < 1 && !(word is not null && Covers(word, x, y));
            for (var i = 0; free && i < objects.Count; i++)
                free = objects[i].Distance >= o.Distance || !Covers(objects[i], x, y);
            seen += free ? 1 : 0;
        }
        return (double)seen / probes.Length;
    }

    // A nearer object counts as a disc that holds nearly all of it, whatever its shape.
    private static bool Covers(SceneObject o, double x, double y) => (x - o.X) * (x - o.X) + (y - o.Y) * (y - o.Y) < 0.9 * o.Size * o.Size;

    private static bool Covers(SceneWord word, double x, double y) =>
        Math.Abs(x - word.X) < 0.5 * StrokeFont.Width(word.Text) * word.Height && Math.Abs(y - word.Y) < 0.6 * word.Height;

    private static (double X, double Y)[] Probes(SceneShape shape)
    {
        var lattice = Enumerable.Range(-Lattice, 2 * Lattice + 1).Select(i => 0.9 * i / Lattice).ToArray();
        return [.. from y in lattice from x in lattice where Inside(shape, x, y) select (x, y)];
    }

    // Even-odd rule: a ray to the right crosses the outlines an odd number of times.
    private static bool Inside(SceneShape shape, double x, double y)
    {
        var inside = false;
        foreach (var p in SceneOutlines.Of(shape))
        {
            for (var (i, j) = (0, p.Length - 2); i < p.Length; j = i, i += 2)
            {
                if (p[i + 1] > y != p[j + 1] > y && x < (p[j] - p[i]) * (y - p[i + 1]) / (p[j + 1] - p[i + 1]) + p[i])
                    inside = !inside;
            }
        }
        return inside;
    }
}
