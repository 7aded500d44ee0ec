namespace Recipes.Weights;

/// <summary>Problems of an untrusted file: the first ones are kept, the others only counted, and text from the file is
/// made short and printable.</summary>
internal sealed class ProblemList
{
    private const int MostKept = 50;
    private const int LongestLine = 300;
    private readonly List<string> _lines = [];

    public int Count { get; private set; }

    public void Add(string problem)
    {
        Count++;
        if (_lines.Count < MostKept)
            _lines.Add(Printable(problem));
    }

    /// <summary>The lines, and how many more there were.</summary>
    public IReadOnlyList<string> Lines => Count == _lines.Count ? _lines : [.. _lines, $"... and {Count - _lines.Count} more"];

    private static string Printable(string text)
    {
        var shown = text.Length <= LongestLine ? text : text[..LongestLine] + "...";
        return string.Create(
            shown.Length,
            shown,
            static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                    to[i] = char.IsControl(from[i]) ? '?' : from[i];
            }
        );
    }
}
