namespace Recipes.Data;

/// <summary>Makes scene number <c>index</c> of the world <c>seed</c>, using only additions, multiplications and square roots.</summary>
internal static class SceneGenerator
{
    private const int Tries = 8;
    private const double WordChance = 0.3;
    private const double MainContrast = 110;
    private const double MostTurn = 0.1;

    /// <summary>The words that are written in scenes.</summary>
    internal static readonly string[] Words = (
        "ART BAKE BIKE BOOK CAFE CITY COLD EXIT FARM FISH FOOD GOLD HELLO HOT ICE JAZZ KEY LEMON MAP "
        + "MUSIC NEW NORTH OPEN PARK QUIZ RIVER SALE SHOP STOP TAXI TEA VAN WEST XRAY YES ZOO"
    ).Split(' ');

    public static Scene Generate(long seed, long index)
    {
        var rng = Rng.Stream(seed, "scene", index);
        var background = Background(ref rng);
        var wanted = 1 + rng.NextInt(6);
        var main = Main(ref rng, background.First);
        var objects = new List<SceneObject>(wanted) { main };
        var word = rng.NextBool(WordChance) ? Word(ref rng, background) : null;
        for (var i = 0; word is not null && !SceneVisibility.AllInView(objects, word, main); i++)
            word = i < Tries ? Word(ref rng, background) : null;
        for (var i = 1; i < wanted; i++)
        {
            for (var t = 0; t < Tries; t++)
            {
                objects.Add(Object(ref rng, 0.07, 0.14));
                if (SceneVisibility.AllInView(objects, word, main))
                    break;
                objects.RemoveAt(objects.Count - 1);
            }
        }
        objects.Sort((a, b) => b.Distance.CompareTo(a.Distance));
        return new Scene(seed, index, background, objects, word);
    }

    // The main object stands out from the background by its colour, as the subject of a photograph does.
    private static SceneObject Main(ref Rng rng, Rgb background)
    {
        for (var t = 0; ; t++)
        {
            var main = Object(ref rng, 0.24, 0.38);
            if (t == Tries || ScenePalette.Of(main.Color).DistanceTo(background) > MainContrast)
                return main;
        }
    }

    private static SceneObject Object(ref Rng rng, double smallest, double largest)
    {
        var size = rng.NextDouble(smallest, largest);
        var margin = 0.8 * size;
        return new SceneObject(
            (SceneShape)rng.NextInt(Scene.Classes),
            (SceneColor)rng.NextInt(8),
            rng.NextBool(0.4) ? ScenePattern.Solid : (ScenePattern)(1 + rng.NextInt(3)),
            rng.NextDouble(margin, 1 - margin),
            rng.NextDouble(margin, 1 - margin),
            size,
            rng.NextDouble(-MostTurn, MostTurn),
            rng.NextDouble(2, 8),
            Shade(ref rng, 22)
        );
    }

    private static SceneBackground Background(ref Rng rng)
    {
        var level = (float)rng.NextDouble(40, 215);
        var first = new Rgb(level, level, level).Plus(Shade(ref rng, 38));
        var second = first.Plus(Shade(ref rng, 24));
        return new SceneBackground((BackgroundKind)rng.NextInt(5), first, second, rng.NextDouble(), rng.NextDouble(2.5, 7));
    }

    private static SceneWord Word(ref Rng rng, SceneBackground background)
    {
        var text = Words[rng.NextInt(Words.Length)];
        var height = rng.NextDouble(0.09, 0.15);
        var half = 0.5 * StrokeFont.Width(text) * height;
        var x = rng.NextDouble(half + 0.02, 0.98 - half);
        var y = rng.NextDouble(height, 1 - height);
        var ink = background.First.Luma < 128 ? new Rgb(248, 246, 240) : new Rgb(24, 22, 30);
        return new SceneWord(text, x, y, height, rng.NextDouble(-0.03, 0.03), ink);
    }

    private static Rgb Shade(ref Rng rng, double most) =>
        new((float)rng.NextDouble(-most, most), (float)rng.NextDouble(-most, most), (float)rng.NextDouble(-most, most));
}
