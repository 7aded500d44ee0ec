namespace Recipes.Data;

/// <summary>Makes scene number <c>index</c> of the world <c>seed</c>, using only additions, multiplications and square roots.</summary>
internal static class SceneGenerator
{
    private const int Tries = 8;
    private const double MainInView = 0.6;
    private const double OtherInView = 0.4;
    private const double WordChance = 0.3;

    private static readonly string[] s_words = (
        "ART BAKE BIKE BOOK CAFE CITY COLD EXIT FARM FISH FOOD GOLD HELLO HOT ICE JAZZ KEY LEMON MAP "
        + "MUSIC NEW NORTH OPEN PARK QUIZ RIVER SALE SHOP STOP TAXI TEA VAN WEST XRAY YES ZOO"
    ).Split(' ');

    // Where an object is looked at to see how much of it is covered: points of the unit disc.
    private static readonly (double X, double Y)[] s_probes =
    [
        .. from y in Enumerable.Range(-2, 5) from x in Enumerable.Range(-2, 5) where x * x + y * y < 8 select (x * 0.4, y * 0.4),
    ];

    public static Scene Generate(long seed, long index)
    {
        var rng = Rng.Stream(seed, "scene", index);
        var background = Background(ref rng);
        var wanted = 1 + rng.NextInt(6);
        var main = Object(ref rng, 0.19, 0.30);
        var objects = new List<SceneObject>(wanted) { main };
        var word = rng.NextBool(WordChance) ? Word(ref rng, background) : null;
        for (var i = 0; word is not null && !AllInView(objects, word, main); i++)
            word = i < Tries ? Word(ref rng, background) : null;
        for (var i = 1; i < wanted; i++)
        {
            for (var t = 0; t < Tries; t++)
            {
                objects.Add(Object(ref rng, 0.07, 0.16));
                if (AllInView(objects, word, main))
                    break;
                objects.RemoveAt(objects.Count - 1);
            }
        }
        objects.Sort((a, b) => b.Distance.CompareTo(a.Distance));
        return new Scene(seed, index, background, objects, word);
    }

    private static SceneObject Object(ref Rng rng, double smallest, double largest)
    {
        var size = rng.NextDouble(smallest, largest);
        var margin = 0.75 * size;
        return new SceneObject(
            (SceneShape)rng.NextInt(Scene.Classes),
            (SceneColor)rng.NextInt(8),
            (ScenePattern)rng.NextInt(4),
            rng.NextDouble(margin, 1 - margin),
            rng.NextDouble(margin, 1 - margin),
            size,
            rng.NextDouble(),
            rng.NextDouble(2, 8),
            Shade(ref rng, 22)
        );
    }

    private static SceneBackground Background(ref Rng rng)
    {
        var level = (float)rng.NextDouble(40, 215);
        var first = new Rgb(level, level, level).Plus(Shade(ref rng, 38));
        var second = first.Plus(Shade(ref rng, 30));
        return new SceneBackground((BackgroundKind)rng.NextInt(5), first, second, rng.NextDouble(), rng.NextDouble(2.5, 7));
    }

    private static SceneWord Word(ref Rng rng, SceneBackground background)
    {
        var text = s_words[rng.NextInt(s_words.Length)];
        var height = rng.NextDouble(0.09, 0.15);
        var half = 0.5 * StrokeFont.Width(text) * height;
        var x = rng.NextDouble(half + 0.02, 0.98 - half);
        var y = rng.NextDouble(height, 1 - height);
        var ink = background.First.Luma < 128 ? new Rgb(248, 246, 240) : new Rgb(24, 22, 30);
        return new SceneWord(text, x, y, height, rng.NextDouble(-0.03, 0.03), ink);
    }

    private static Rgb Shade(ref Rng rng, double most) =>
        new((float)rng.NextDouble(-most, most), (float)rng.NextDouble(-most, most), (float)rng.NextDouble(-most, most));

    private static bool AllInView(List<SceneObject> objects, SceneWord? word, SceneObject main)
    {
        foreach (var o in objects)
        {
            if (InView(o, objects, word) < (ReferenceEquals(o, main) ? MainInView : OtherInView))
                return false;
        }
        return true;
    }

    // The part of the object's disc that lies within the picture and behind no nearer disc and no word.
    private static double InView(SceneObject o, List<SceneObject> objects, SceneWord? word)
    {
        var seen = 0;
        foreach (var (px, py) in s_probes)
        {
            var (x, y) = (o.X + px * o.Size, o.Y + py * o.Size);
            var free = x is > 0 and < 1 && y is > 0 and < 1 && !(word is not null && Covers(word, x, y));
            for (var i = 0; free && i < objects.Count; i++)
                free = objects[i].Distance >= o.Distance || !Covers(objects[i], x, y);
            seen += free ? 1 : 0;
        }
        return (double)seen / s_probes.Length;
    }

    private static bool Covers(SceneObject o, double x, double y) => (x - o.X) * (x - o.X) + (y - o.Y) * (y - o.Y) < 0.8 * o.Size * o.Size;

    private static bool Covers(SceneWord word, double x, double y) =>
        Math.Abs(x - word.X) < 0.5 * StrokeFont.Width(word.Text) * word.Height && Math.Abs(y - word.Y) < 0.6 * word.Height;
}
