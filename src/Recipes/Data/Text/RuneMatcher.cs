using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Data;

// Matches of a pattern of letters, numbers, spaces and the rest, by whole code points. .NET's patterns see UTF-16 units, for which an emoji or
// a rare ideograph is two surrogates of no such class; so texts with surrogates are matched on a stand-in with one character per code point.
internal sealed class RuneMatcher(Regex pattern)
{
    private const char Letter = '\u00AA';
    private const char Number = '\u00B2';
    private const char Other = '\u00A7';

    /// <summary>Start and end of every match, in order.</summary>
    public List<Range> Matches(string text)
    {
        var found = new List<Range>(text.Length / 4 + 1);
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            foreach (var match in pattern.EnumerateMatches(text))
                found.Add(match.Index..(match.Index + match.Length));
            return found;
        }
        var at = new List<int>(text.Length + 1);
        foreach (var match in pattern.EnumerateMatches(StandIn(text, at)))
            found.Add(at[match.Index]..at[match.Index + match.Length]);
        return found;
    }

    // One character per code point, and where each begins; the end of the text last.
    private static string StandIn(string text, List<int> at)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            at.Add(i);
            result.Append(
                !char.IsSurrogate(text[i]) ? text[i]
                : char.IsSurrogatePair(text, i) ? Class(Rune.GetRuneAt(text, i))
                : Other
            );
        }
        at.Add(text.Length);
        return result.ToString();
    }

    private static char Class(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Number,
            _ => Other,
        };
}
