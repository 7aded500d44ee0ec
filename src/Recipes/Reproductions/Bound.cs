using System.Globalization;

namespace Recipes.Reproductions;

/// <summary>What a claim's value is held against.</summary>
public sealed record Bound(string Text, Func<double, bool> Holds)
{
    /// <summary>Holds up to and including this value.</summary>
    public static Bound AtMost(double value) => new(Say("at most", value), v => v <= value);

    /// <summary>Holds from this value on.</summary>
    public static Bound AtLeast(double value) => new(Say("at least", value), v => v >= value);

    /// <summary>Holds above this value.</summary>
    public static Bound Above(double value) => new(Say("above", value), v => v > value);

    /// <summary>Holds at this value alone.</summary>
    public static Bound Exactly(double value) => new(Say("exactly", value), v => v == value);

    /// <summary>Holds within a distance of a value.</summary>
    public static Bound Within(double value, double distance) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{value:G6} ± {distance:G3}"), v => Math.Abs(v - value) <= distance);

    private static string Say(string word, double value) => string.Create(CultureInfo.InvariantCulture, $"{word} {value:G15}");
}
