using System.Text;

namespace Recipes.Data;

// Unicode's normal form C (Unicode Standard Annex 15): taken apart, marks in order of their class, put together again.
internal static class NormalForm
{
    private const int SyllableFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailFirst = 0x11A7;
    private const int Vowels = 21;
    private const int Tails = 28;
    private const int Syllables = 19 * Vowels * Tails;

    /// <summary>The text in normal form C; lone surrogates become U+FFFD where anything changes.</summary>
    public static string Compose(string text)
    {
        var stable = true;
        foreach (var c in text)
            stable &= c < 0x300;
        if (stable)
            return text;
        var tables = UnicodeTables.Shared;
        if (!text.EnumerateRunes().Any(rune => tables.IsUnstable(rune.Value)))
            return text;
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Apart(rune.Value, points);
        Order(points);
        return Together(points);
    }

    private static void Apart(int point, List<int> points)
    {
        if (point is >= SyllableFirst and < SyllableFirst + Syllables)
        {
            var index = point - SyllableFirst;
            points.AddRange([LeadFirst + index / (Vowels * Tails), VowelFirst + index / Tails % Vowels]);
            if (index % Tails > 0)
                points.Add(TailFirst + index % Tails);
        }
        else if (UnicodeTables.Shared.Parts(point) is { } parts)
            foreach (var part in parts)
                Apart(part, points);
        else
            points.Add(point);
    }

    // Runs of marks, sorted by class; marks of one class keep their order.
    private static void Order(List<int> points)
    {
        var tables = UnicodeTables.Shared;
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && tables.Class(points[end]) != 0)
                end++;
            if (end - start < 2)
                continue;
            var sorted = points.GetRange(start, end - start).OrderBy(tables.Class).ToList();
            for (var i = 0; i < sorted.Count; i++)
                points[start + i] = sorted[i];
            start = end;
        }
    }

    private static string Together(List<int> points)
    {
        var tables = UnicodeTables.Shared;
        var result = new List<int>(points.Count);
        var starter = -1;
        var previous = 0; // class of what was kept behind the starter; 0 when nothing
        foreach (var point in points)
        {
            var own = tables.Class(point);
            var free = starter >= 0 && (result.Count - 1 == starter || previous < own && previous != 0);
            if (free && Pair(result[starter], point) is >= 0 and var whole)
            {
                result[starter] = whole;
                continue;
            }
            if (own == 0)
                starter = result.Count;
            previous = own;
            result.Add(point);
        }
        var text = new StringBuilder(result.Count);
        foreach (var point in result)
            text.Append(new Rune(point));
        return text.ToString();
    }

    private static int Pair(int first, int second)
    {
        if (first is >= LeadFirst and < LeadFirst + 19 && second is >= VowelFirst and < VowelFirst + Vowels)
            return SyllableFirst + ((first - LeadFirst) * Vowels + second - VowelFirst) * Tails;
        var syllable = first - SyllableFirst;
        if (syllable is >= 0 and < Syllables && syllable % Tails == 0 && second is > TailFirst and < TailFirst + Tails)
            return first + second - TailFirst;
        return UnicodeTables.Shared.Pair(first, second);
    }
}
