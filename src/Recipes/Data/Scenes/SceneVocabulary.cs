namespace Recipes.Data;

/// <summary>The outlines. No two look alike under the small rotations of a scene. The number is the class.</summary>
public enum SceneShape
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A disc with a hole.</summary>
    Ring,

    /// <summary>A disc with a bite of another disc.</summary>
    Crescent,

    /// <summary>Four equal sides.</summary>
    Square,

    /// <summary>Three equal sides.</summary>
    Triangle,

    /// <summary>Five equal sides.</summary>
    Pentagon,

    /// <summary>Five points.</summary>
    Star,

    /// <summary>A heart.</summary>
    Heart,

    /// <summary>A cross with equal arms.</summary>
    Cross,

    /// <summary>An arrow.</summary>
    Arrow,
}

/// <summary>The named colours; each object adds its own shade.</summary>
public enum SceneColor
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Orange.</summary>
    Orange,

    /// <summary>Yellow.</summary>
    Yellow,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Cyan.</summary>
    Cyan,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Purple.</summary>
    Purple,

    /// <summary>Pink.</summary>
    Pink,
}

/// <summary>How an object is filled: with its colour alone, or with its colour and a lighter or darker one.</summary>
public enum ScenePattern
{
    /// <summary>One colour.</summary>
    Solid,

    /// <summary>Parallel stripes, turned with the object.</summary>
    Striped,

    /// <summary>Round dots.</summary>
    Dotted,

    /// <summary>A chessboard.</summary>
    Checked,
}

/// <summary>How the two colours of a background mix.</summary>
public enum BackgroundKind
{
    /// <summary>The first colour alone.</summary>
    Plain,

    /// <summary>From one colour to the other.</summary>
    Gradient,

    /// <summary>Soft random patches.</summary>
    Clouds,

    /// <summary>Stripes.</summary>
    Striped,

    /// <summary>A chessboard.</summary>
    Checked,
}

/// <summary>Red, green and blue on the scale 0 to 255 (sRGB). Differences may be negative.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
public readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>Brightness as the eye sees it, 0 to 255 (ITU-R BT.601 weights).</summary>
    public float Luma => 0.299f * R + 0.587f * G + 0.114f * B;

    /// <summary>The colour on the way from this one (0) to the other (1).</summary>
    public Rgb Towards(Rgb other, float amount) => new(R + amount * (other.R - R), G + amount * (other.G - G), B + amount * (other.B - B));

    /// <summary>The straight-line distance to another colour.</summary>
    public double DistanceTo(Rgb other) =>
        Math.Sqrt((R - other.R) * (R - other.R) + (G - other.G) * (G - other.G) + (B - other.B) * (B - other.B));

    /// <summary>The sum, kept within 0 to 255.</summary>
    public Rgb Plus(Rgb difference) => new(Clamp(R + difference.R), Clamp(G + difference.G), Clamp(B + difference.B));

    private static float Clamp(float value) => Math.Clamp(value, 0, 255);
}

/// <summary>The named colours as numbers.</summary>
public static class ScenePalette
{
    private static readonly Rgb White = new(255, 255, 255);
    private static readonly Rgb Dark = new(20, 20, 28);

    /// <summary>The middle of a named colour.</summary>
    public static Rgb Of(SceneColor color) =>
        color switch
        {
            SceneColor.Red => new(214, 48, 49),
            SceneColor.Orange => new(236, 134, 30),
            SceneColor.Yellow => new(240, 208, 48),
            SceneColor.Green => new(58, 158, 78),
            SceneColor.Cyan => new(64, 190, 206),
            SceneColor.Blue => new(48, 92, 206),
            SceneColor.Purple => new(130, 66, 178),
            _ => new(236, 128, 180),
        };

    /// <summary>The second colour of a pattern: lighter for dark colours, darker for light ones.</summary>
    public static Rgb Partner(Rgb color) => color.Luma < 135 ? color.Towards(White, 0.5f) : color.Towards(Dark, 0.4f);
}
