using Recipes.Display;

namespace Recipes.Data;

/// <summary>
/// One picture of the embedded world as a value: what stands where, in which colour and at which distance. Everything
/// else (image, masks, boxes, depth map, class, and later captions, graphs and questions) follows from it exactly.
/// </summary>
/// <remarks>
/// Coordinates are fractions of the picture's side: x to the right, y down, (0, 0) the top left corner. Distances are metres.
/// </remarks>
/// <param name="Seed">The world's seed.</param>
/// <param name="Index">The scene's number in that world.</param>
/// <param name="Background">What is behind everything, <see cref="BackgroundDistance"/> metres away.</param>
/// <param name="Objects">One to six objects, the farthest first: the order of painting. Object i has instance number i + 1.</param>
/// <param name="Word">A word written in front of everything, or null.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Scene(long Seed, long Index, SceneBackground Background, IReadOnlyList<SceneObject> Objects, SceneWord? Word)
    : IDisplay
{
    /// <summary>The number of classes: <see cref="SceneShape"/> has ten members.</summary>
    public const int Classes = 10;

    /// <summary>The distance of the background in metres.</summary>
    public const double BackgroundDistance = 10;

    /// <summary>The distance of the word in metres.</summary>
    public const double WordDistance = 1;

    /// <summary>The semantic label of the word; 0 is the background, 1 to 10 are the shapes.</summary>
    public const byte WordLabel = 11;

    /// <summary>The names of the classes, in the order of <see cref="Class"/>.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = [.. Enum.GetNames<SceneShape>().Select(n => n.ToLowerInvariant())];

    /// <summary>The main object: the largest one. No other object has more than 0.6 of its size, and at least 60 % of it is in view.</summary>
    public SceneObject Main => Objects.MaxBy(o => o.Size)!;

    /// <summary>The classification label, 0 to 9: the shape of the main object, whatever smaller things stand around, before and behind it.</summary>
    public int Class => (int)Main.Shape;

    /// <summary>The scene with this number, the same on every machine.</summary>
    public static Scene At(long seed, long index) => SceneGenerator.Generate(seed, index);

    /// <summary>The picture, its annotations, and the objects.</summary>
    public string ToHtml() => new Blocks(ScenePictures.Of(this), Show()).ToHtml();

    /// <summary>What stands where, as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .From(
                Objects,
                (Column.Text("Object"), o => $"{o.Color} {o.Shape}".ToLowerInvariant()),
                (Column.Text("Pattern"), o => $"{o.Pattern}".ToLowerInvariant()),
                (Column.Number("x", "", "0.00"), o => o.X),
                (Column.Number("y", "", "0.00"), o => o.Y),
                (Column.Number("Size", "", "0.00"), o => o.Size),
                (Column.Number("Distance", "m", "0.0"), o => o.Distance)
            )
            .Caption(
                $"Scene {Index} of world {Seed}: {ClassNames[Class]}{(Word is { } w ? $", says {w.Text}" : "")}. Objects from far to near."
            );

    /// <summary>Equal when all their parts are equal.</summary>
    public bool Equals(Scene? other) =>
        other is not null
        && Seed == other.Seed
        && Index == other.Index
        && Background == other.Background
        && Word == other.Word
        && Objects.SequenceEqual(other.Objects);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Seed, Index, Objects.Count);
}

/// <summary>One object of a scene.</summary>
/// <param name="Shape">Its outline.</param>
/// <param name="Color">Its named colour.</param>
/// <param name="Pattern">How it is filled.</param>
/// <param name="X">Centre, fraction of the side.</param>
/// <param name="Y">Centre, fraction of the side.</param>
/// <param name="Size">Radius of the circle around the outline, fraction of the side.</param>
/// <param name="Turn">Rotation, clockwise as seen, as a fraction of a full turn; scenes have -0.1 to 0.1.</param>
/// <param name="Distance">Metres, 2 to 8; nearer objects cover farther ones, and farther ones fade into the background's colour.</param>
/// <param name="Tint">The shade within the named colour, added to its red, green and blue.</param>
public sealed record SceneObject(
    SceneShape Shape,
    SceneColor Color,
    ScenePattern Pattern,
    double X,
    double Y,
    double Size,
    double Turn,
    double Distance,
    Rgb Tint
);

/// <summary>The background of a scene: two quiet colours and how they mix.</summary>
/// <param name="Kind">How they mix.</param>
/// <param name="First">The main colour.</param>
/// <param name="Second">The other colour.</param>
/// <param name="Turn">Direction, a fraction of a full turn.</param>
/// <param name="Cells">Repetitions across the picture.</param>
public sealed record SceneBackground(BackgroundKind Kind, Rgb First, Rgb Second, double Turn, double Cells);

/// <summary>A word in capital letters, written with the built-in stroke font in front of everything.</summary>
/// <param name="Text">Two to five letters, A to Z.</param>
/// <param name="X">Centre, fraction of the side.</param>
/// <param name="Y">Centre, fraction of the side.</param>
/// <param name="Height">Height of a letter, fraction of the side.</param>
/// <param name="Turn">Rotation, clockwise as seen, a small fraction of a full turn, may be negative.</param>
/// <param name="Ink">Its colour.</param>
public sealed record SceneWord(string Text, double X, double Y, double Height, double Turn, Rgb Ink);
