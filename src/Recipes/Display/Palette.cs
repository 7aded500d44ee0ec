namespace Recipes.Display;

// Colours of charts: told apart by readers with any colour vision, at least 3:1 against the page in both schemes. A
// chart is built in the light colours (so it is whole by itself); the page's script exchanges them for the dark ones.
internal static class Palette
{
    public const string Ink = "#30343b";
    public const string Muted = "#646a75";
    public const string Grid = "#e3e6eb";
    public const string Paper = "#ffffff";

    private static readonly (string Light, string Dark)[] _series =
    [
        ("#0b62b0", "#62b5f5"),
        ("#c2470a", "#ff9d66"),
        ("#007a5e", "#41cfa3"),
        ("#9a3f8a", "#e396d6"),
        ("#8a6100", "#e2b84d"),
        ("#59616e", "#aab2bf"),
    ];

    private static readonly (string Light, string Dark)[] _page =
    [
        (Ink, "#e4e7ec"),
        (Muted, "#9ca4b1"),
        (Grid, "#2d323a"),
        (Paper, "#1b1e24"),
    ];

    public static readonly string[] Dashes = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

    public static readonly string[] Symbols = ["circle", "diamond", "square", "triangle-up", "cross", "x"];

    public static string Series(int index) => _series[index % _series.Length].Light;

    public static string Soft(int index) => Soft(Series(index));

    /// <summary>Light to dark, for the page's script and for static pictures.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Dark =>
        _page.Concat(_series).Concat(_series.Select(s => (Soft(s.Light), Soft(s.Dark)))).Select(p => KeyValuePair.Create(p.Item1, p.Item2));

    private static string Soft(string hex) =>
        $"rgba({Convert.ToInt32(hex[1..3], 16)}, {Convert.ToInt32(hex[3..5], 16)}, {Convert.ToInt32(hex[5..7], 16)}, 0.18)";
}
