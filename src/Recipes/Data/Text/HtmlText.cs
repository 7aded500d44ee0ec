using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Data;

// HTML's character references as Python's html.unescape reads them: numbers by HTML 5's rules; the names of HTML 4 with a semicolon, and the
// six that HTML 5 also knows in capitals. Not done: HTML 5's other names, and names without a semicolon.
internal static partial class HtmlText
{
    // What Windows-1252 has where Latin-1 has control characters 0x80 to 0x9f.
    private const string Windows = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

    /// <summary>The text with its references replaced.</summary>
    public static string Unescape(string text) =>
        text.Contains('&')
            ? WebUtility.HtmlDecode(References().Replace(text, m => m.Value[1] == '#' ? Number(m) : m.Value.ToLowerInvariant()))
            : text;

    /// <summary>The character that Windows-1252 has at a place from 0x80 to 0x9f.</summary>
    public static char OfWindows(int place) => Windows[place - 0x80];

    // An ampersand stays a reference, so that the names that follow it are not read now.
    private static string Number(Match match)
    {
        var hex = match.Groups["hex"].Value;
        var known =
            hex.Length > 0
                ? long.TryParse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
                : long.TryParse(match.Groups["digits"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return known
            ? value switch
            {
                '&' => "&amp;",
                >= 0x80 and < 0xa0 => OfWindows((int)value).ToString(),
                0 or (>= 0xd800 and < 0xe000) or > 0x10ffff or < 0 => "\uFFFD",
                _ when IsDropped((int)value) => "",
                _ => new Rune((int)value).ToString(),
            }
            : "\uFFFD";
    }

    private static bool IsDropped(int point) =>
        point is (>= 1 and <= 8) or 0x0b or (>= 0x0e and <= 0x1f) or 0x7f or (>= 0xfdd0 and <= 0xfdef) || (point & 0xfffe) == 0xfffe;

    [GeneratedRegex(
        @"&#[xX](?<hex>[0-9a-fA-F]+);?|&#(?<digits>[0-9]+);?|&(?:AMP|LT|GT|QUOT|COPY|REG);",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex References();
}
