using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells;

/// <summary>A run of lines of one language, or one magic. Lines keep their place in the cell: what is not the part's is empty.</summary>
/// <param name="Language">The part's language; of a magic, the one in force.</param>
/// <param name="Text">Code with empty lines before it, or the magic's line.</param>
/// <param name="IsMagic">Whether it is a magic.</param>
internal sealed record CellPart(string Language, string Text, bool IsMagic);

/// <summary>Splits a cell at <c>#!language</c> lines and magics.</summary>
internal static class CellSource
{
    public static IReadOnlyList<CellPart> Parse(string code, string language)
    {
        var parts = new List<CellPart>();
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        var first = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (!IsMagic(lines[i]))
                continue;
            Add(first, i);
            first = i + 1;
            if (CellLanguages.OfLine(lines[i]) is { } other)
                language = other;
            else
                parts.Add(new CellPart(language, lines[i].Trim(), IsMagic: true));
        }
        Add(first, lines.Length);
        return parts;

        void Add(int from, int to)
        {
            if (lines.Skip(from).Take(to - from).Any(l => l.Trim().Length > 0))
                parts.Add(new CellPart(language, new string('\n', from) + string.Join('\n', lines[from..to]), IsMagic: false));
        }
    }

    // `#r "nuget:…"` and `#i` are for us; other `#` lines are the compiler's.
    private static bool IsMagic(string line) =>
        line.StartsWith("#!", StringComparison.Ordinal)
        || line.StartsWith("#i ", StringComparison.Ordinal)
        || (line.StartsWith("#r ", StringComparison.Ordinal) && line.Contains("\"nuget:", StringComparison.OrdinalIgnoreCase));
}
