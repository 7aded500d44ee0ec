namespace Recipes.Data;

/// <summary>
/// Captions that follow from a scene; number k of a kind is always the same text. The kinds are those of the miniature experiment on caption
/// quality (our own construction; MobileCLIP, arXiv 2311.17049, and CLIP with Quality Captions, arXiv 2405.08911, use the web's captions and
/// those of a captioner).
/// </summary>
public static class SceneCaptions
{
    /// <summary>One caption.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="kind">Which kind.</param>
    /// <param name="number">Which of several wordings, from 0.</param>
    /// <param name="noise">For alt-text; null for <see cref="AltTextNoise.Web"/>.</param>
    public static string Caption(this Scene scene, SceneCaption kind, int number = 0, AltTextNoise? noise = null)
    {
        var rng = Rng.Stream(scene.Seed, "caption", scene.Index, (int)kind, number);
        return kind switch
        {
            SceneCaption.Shuffled => Detailed(Another(scene, ref rng), ref rng),
            SceneCaption.AltText => AltText(scene, noise ?? AltTextNoise.Web, ref rng),
            SceneCaption.Names => Names(scene, ref rng),
            SceneCaption.Short => Short(scene, ref rng),
            _ => Detailed(scene, ref rng),
        };
    }

    private static string AltText(Scene scene, AltTextNoise noise, ref Rng rng)
    {
        var draw = rng.NextDouble();
        if (draw < noise.OffTopic)
            return Pick(SceneWords.OffTopic, ref rng);
        draw -= noise.OffTopic;
        if (draw < noise.Wrong)
            return Plain(Another(scene, ref rng).Main, ref rng);
        draw -= noise.Wrong;
        if (draw >= noise.Terse)
            return Plain(scene.Main, ref rng);
        return rng.NextBool() ? SceneWords.Of(scene.Main.Shape) : SceneWords.Of(scene.Main.Color);
    }

    private static string Plain(SceneObject thing, ref Rng rng) =>
        $"{SceneWords.Of(thing.Color)} {SceneWords.Of(thing.Shape)} {Pick(SceneWords.Tails, ref rng)}".TrimEnd();

    private static string Names(Scene scene, ref Rng rng)
    {
        var others = Others(scene).Select(o => SceneWords.Of(o.Shape)).Distinct().Take(3).ToList();
        var start = Pick(["a picture of ", "", "there is "], ref rng);
        return start + string.Join(" and ", others.Prepend(SceneWords.Of(scene.Main.Shape)).Distinct().Select(SceneWords.A));
    }

    private static string Short(Scene scene, ref Rng rng)
    {
        var main = scene.Main;
        var text = Pick(["", "a picture of ", "an image of "], ref rng) + SceneWords.A(Described(main, patterns: rng.NextBool()));
        return Others(scene).FirstOrDefault() is { } other && rng.NextBool(0.6)
            ? $"{text} and a small {Described(other, patterns: false)}"
            : text;
    }

    private static string Detailed(Scene scene, ref Rng rng)
    {
        var main = scene.Main;
        var text = Pick(["a large ", "a big ", "a picture of a large "], ref rng) + Described(main, patterns: true);
        var others = Others(scene).Take(2).ToList();
        for (var i = 0; i < others.Count; i++)
            text += $"{(i == 0 ? " with" : " and")} a small {Described(others[i], patterns: rng.NextBool())} {Relation(others[i], main)}";
        if (rng.NextBool())
            text += $" on a {(scene.Background.First.Luma < 128 ? "dark" : "light")} {SceneWords.Of(scene.Background.Kind)} background";
        return scene.Word is { } word ? $"{text}, the sign says {word.Text.ToLowerInvariant()}" : text;
    }

    /// <summary>Where the first is, seen from the second: <c>on the left</c>, <c>on the right</c>, <c>above</c>, <c>below</c>.</summary>
    internal static string Relation(SceneObject thing, SceneObject from)
    {
        var (right, down) = (thing.X - from.X, thing.Y - from.Y);
        return Math.Abs(right) >= Math.Abs(down) ? (right < 0 ? "on the left" : "on the right")
            : down < 0 ? "above it"
            : "below it";
    }

    /// <summary>All objects but the main one, nearest to the viewer first.</summary>
    internal static IEnumerable<SceneObject> Others(Scene scene)
    {
        var main = scene.Main;
        return scene.Objects.Reverse().Where(o => !ReferenceEquals(o, main));
    }

    private static string Described(SceneObject thing, bool patterns)
    {
        var pattern = patterns && thing.Pattern != ScenePattern.Solid ? SceneWords.Of(thing.Pattern) + " " : "";
        return $"{SceneWords.Of(thing.Color)} {pattern}{SceneWords.Of(thing.Shape)}";
    }

    private static Scene Another(Scene scene, ref Rng rng) => Scene.At(scene.Seed, (long)(rng.NextUInt64() >> 2));

    private static string Pick(IReadOnlyList<string> texts, ref Rng rng) => texts[rng.NextInt(texts.Count)];
}
