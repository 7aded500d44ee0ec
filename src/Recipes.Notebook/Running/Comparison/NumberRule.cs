using System.Globalization;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Running.Comparison;

// When two printed numbers count as equal. Whole numbers are counts and must be the same. Others may differ by a relative
// tolerance, or by one unit in the last of at least three printed digits: a last digit flips when the value behind it moves
// by a billionth across a rounding boundary.
internal sealed partial class NumberRule(double tolerance)
{
    // Below this, differences are rounding noise: 1e-17 equals 3e-18.
    private const double Least = 1e-6;

    public double Tolerance { get; } = tolerance;

    public bool Same(string stored, string now)
    {
        if (stored == now)
            return true;
        var (a, b) = (Plain(stored), Plain(now));
        if (IsWhole(a) && IsWhole(b))
            return a.TrimStart('+') == b.TrimStart('+');
        return double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
            && double.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var y)
            && (Same(x, y) || Math.Abs(x - y) <= 1.001 * Math.Max(LastDigit(a), LastDigit(b)));
    }

    public bool Same(double stored, double now) =>
        stored.Equals(now) || Math.Abs(stored - now) <= Tolerance * Math.Max(Math.Max(Math.Abs(stored), Math.Abs(now)), Least);

    private static string Plain(string number) => number.Replace(",", "", StringComparison.Ordinal).Replace('−', '-');

    private static bool IsWhole(string number) => !number.AsSpan().ContainsAny('.', 'e', 'E');

    // What one unit in the last printed digit is worth; nothing with fewer than three digits.
    private static double LastDigit(string number)
    {
        var match = Parts().Match(number);
        var digits = (match.Groups["whole"].Value + match.Groups["fraction"].Value).TrimStart('0').Length;
        var exponent = match.Groups["exponent"] is { Success: true } e ? int.Parse(e.Value) : 0;
        return digits < 3 ? 0 : Math.Pow(10, exponent - match.Groups["fraction"].Length);
    }

    [GeneratedRegex(@"^[-+]?(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[-+]?\d{1,4}))?$")]
    private static partial Regex Parts();
}
