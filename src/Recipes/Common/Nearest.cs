namespace Recipes;

/// <summary>The nearest known name, for errors that say "did you mean".</summary>
public static class Nearest
{
    /// <summary>The known name with the least edit distance, if it is close enough to be meant; else null.</summary>
    public static string? Name(string given, IEnumerable<string> known)
    {
        var best = known
            .Select(k => (Name: k, Distance: Distance(given, k)))
            .OrderBy(p => p.Distance)
            .ThenBy(p => p.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(2, given.Length / 3) ? best.Name : null;
    }

    /// <summary>", did you mean X?" or nothing.</summary>
    public static string Hint(string given, IEnumerable<string> known) => Name(given, known) is { } name ? $"; did you mean {name}?" : "";

    /// <summary>The same as the end of a sentence: "; did you mean X?" or ".".</summary>
    public static string End(string given, IEnumerable<string> known) => Hint(given, known) is { Length: > 0 } hint ? hint : ".";

    // Levenshtein, case ignored, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                var next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[b.Length];
    }
}
