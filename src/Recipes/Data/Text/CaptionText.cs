using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Data;

// What CLIP does to a caption before it looks for words: the repairs of ftfy, HTML entities, white space, small letters.
// Of ftfy's repairs these are done: terminal escapes, ligatures, full and half width, curly quotes, control characters, NFC. Not done: text
// that was decoded with a wrong encoding ("Ã©") is left as it is. HTML's references: see HtmlText.
internal static partial class CaptionText
{
    /// <summary>The caption as CLIP's tokenizer splits it.</summary>
    public static string Clean(string text)
    {
        if (!Ascii.IsValid(text) || text.Any(c => c == '&' || char.IsControl(c)))
            text = Repair(text);
        text = HtmlText.Unescape(HtmlText.Unescape(text));
        return Lower(Spaces().Replace(text, " ").Trim());
    }

    private static string Repair(string text)
    {
        // Entities first, as ftfy does unless the text looks like HTML: what they stand for is repaired too.
        if (!text.Contains('<'))
            text = HtmlText.Unescape(text);
        text = TerminalEscapes().Replace(text, "");
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // lone surrogates become U+FFFD
        {
            if (rune.Value is >= 0x80 and < 0xa0)
                result.Append(Straight(HtmlText.OfWindows(rune.Value)));
            else if (UnicodeTables.Shared.Usual(rune.Value) is { } usual)
                foreach (var c in usual)
                    result.Append(Straight(c));
            else if (!rune.IsBmp)
                result.Append(rune);
            else if (!IsDropped((char)rune.Value))
                result.Append(Straight((char)rune.Value));
        }
        return NormalForm.Compose(result.ToString());
    }

    private static bool IsDropped(char c) =>
        c
            is <= '\u0008'
                or '\u000b'
                or (>= '\u000e' and <= '\u001f')
                or '\u007f'
                or (>= '\u206a' and <= '\u206f')
                or '\ufeff'
                or (>= '\ufff9' and <= '\ufffc');

    private static char Straight(char c) =>
        c switch
        {
            '\u02bc' or (>= '\u2018' and <= '\u201b') => '\'',
            >= '\u201c' and <= '\u201f' => '"',
            _ => c,
        };

    // Python's small letters: as the invariant culture's, but for the dotted I and the sigma at a word's end.
    private static string Lower(string text)
    {
        var lower = text.ToLowerInvariant();
        if (text.Contains('Σ'))
            lower = string.Concat(lower.Select((c, i) => text[i] == 'Σ' && EndsWord(text, i) ? 'ς' : c));
        return text.Contains('İ') ? lower.Replace("İ", "i\u0307", StringComparison.Ordinal) : lower;
    }

    // Unicode's condition Final_Sigma: a letter with case before it and none behind it, marks and apostrophes aside.
    private static bool EndsWord(string text, int at)
    {
        var (before, behind) = (at - 1, at + 1);
        while (before >= 0 && IsIgnored(text[before]))
            before--;
        while (behind < text.Length && IsIgnored(text[behind]))
            behind++;
        return before >= 0 && IsCased(text[before]) && !(behind < text.Length && IsCased(text[behind]));
    }

    private static bool IsCased(char c) => char.GetUnicodeCategory(c) <= UnicodeCategory.TitlecaseLetter;

    private static bool IsIgnored(char c) =>
        c is '\'' or '.' or ':' or '·' or '‧' or '‘' or '’'
        || char.GetUnicodeCategory(c)
            is UnicodeCategory.ModifierLetter
                or UnicodeCategory.NonSpacingMark
                or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format
                or UnicodeCategory.ModifierSymbol;

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\u001b\[[0-9;]*[a-zA-Z]", RegexOptions.CultureInvariant)]
    private static partial Regex TerminalEscapes();
}
