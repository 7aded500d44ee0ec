using System.Text.RegularExpressions;

namespace Recipes.Notebook.Running.Comparison;

// Texts line by line: the same words, numbers by the rule. White space at line ends and empty lines at the end do not count.
internal static partial class TextComparison
{
    /// <summary>The first difference, or null.</summary>
    public static Finding? Compare(string stored, string now, NumberRule rule)
    {
        if (stored == now)
            return null;
        var (a, b) = (Lines(stored), Lines(now));
        var differing = Enumerable.Range(0, Math.Min(a.Length, b.Length)).Where(i => !SameLine(a[i], b[i], rule)).ToList();
        if (differing.Count == 0 && a.Length == b.Length)
            return null;
        var first = differing.Count > 0 ? differing[0] : Math.Min(a.Length, b.Length);
        var lines = a.Length == 1 && b.Length == 1 ? "text" : $"line {first + 1}";
        var more =
            a.Length != b.Length ? $", {a.Length} lines stored, {b.Length} now"
            : differing.Count > 1 ? $" and {differing.Count - 1} more"
            : "";
        return new Finding(lines + more, a.ElementAtOrDefault(first) ?? "(end)", b.ElementAtOrDefault(first) ?? "(end)");
    }

    public static bool Same(string stored, string now, NumberRule rule) => Compare(stored, now, rule) is null;

    private static string[] Lines(string text) => [.. Colour().Replace(text, "").TrimEnd().Split('\n').Select(line => line.TrimEnd())];

    private static bool SameLine(string stored, string now, NumberRule rule)
    {
        if (stored == now)
            return true;
        var (a, b) = (Number().Matches(stored), Number().Matches(now));
        // A number of another width moves the columns beside it.
        return a.Count == b.Count && Words(stored) == Words(now) && a.Zip(b).All(pair => rule.Same(pair.First.Value, pair.Second.Value));
    }

    private static string Words(string line) => Spaces().Replace(Number().Replace(line, "0"), " ").Trim();

    [GeneratedRegex(@"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|(?<![\w.])[-+−]?\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    // The colours of a terminal.
    [GeneratedRegex(@"\u001b\[[0-9;]*m")]
    private static partial Regex Colour();
}

// What differs within one output, and an excerpt of both sides.
internal sealed record Finding(string What, string Stored, string Now)
{
    public Finding Within(string place) => this with { What = $"{place}: {What}" };
}
