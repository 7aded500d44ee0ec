using System.Text.RegularExpressions;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>
/// What F# cells may write beyond F#: <c>let!</c> and <c>do!</c> at the top level await a task or an async, as C#'s top-level
/// await does; <c>#r</c> of an assembly that is here already is dropped. Lines stay as they are.
/// </summary>
internal static partial class FSharpSource
{
    public static string Prepare(string code)
    {
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        var changed = false;
        for (var i = 0; i < lines.Length; i++)
        {
            if (Reference().Match(lines[i]) is { Success: true } reference)
            {
                lines[i] = Reference(reference.Groups[1].Value) ?? lines[i];
                changed = true;
            }
            else if (TopLevelAwait().Match(lines[i]) is { Success: true } await)
            {
                Await(lines, i, await);
                changed = true;
            }
        }
        return changed ? string.Join('\n', lines) : code;
    }

    // `let! x = e` becomes `let x = await (e)`.
    private static void Await(string[] lines, int i, Match match)
    {
        var end = LastLine(lines, i);
        lines[i] = $"{match.Groups[1].Value}{match.Groups[2].Value} await ({match.Groups[3].Value}";
        lines[end] = WithoutComment(lines[end]) + ")";
    }

    private static string? Reference(string reference)
    {
        if (reference.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
            return null;
        if (CellReferences.Resolve(reference, Environment.CurrentDirectory) is not { } path)
            return null;
        return CellReferences.Ours.Contains(path) || CellReferences.Framework.Contains(path) ? "" : $"#r @\"{path}\"";
    }

    // The definition goes on while lines are indented, blank, or close a bracket.
    private static int LastLine(string[] lines, int start)
    {
        var last = start;
        for (
            var i = start + 1;
            i < lines.Length && (lines[i].Length == 0 || char.IsWhiteSpace(lines[i][0]) || Closing().IsMatch(lines[i]));
            i++
        )
        {
            if (lines[i].Trim().Length > 0 && !lines[i].TrimStart().StartsWith("//", StringComparison.Ordinal))
                last = i;
        }
        return last;
    }

    private static string WithoutComment(string line) =>
        Comment().Match(line) is { Success: true } c ? line[..c.Index].TrimEnd() : line.TrimEnd();

    [GeneratedRegex("^#r\\s+@?\"([^\"]+)\"\\s*$")]
    private static partial Regex Reference();

    // The word, what is bound with its `=` (nothing for do!), and what follows on the line.
    [GeneratedRegex("^(?:(let)!([^=]+=)|(?<1>do)!(?<2>))\\s*(?<3>.*)$")]
    private static partial Regex TopLevelAwait();

    [GeneratedRegex("^[)\\]}]")]
    private static partial Regex Closing();

    // A comment to the line's end, not a slash pair inside a string.
    [GeneratedRegex("(?<=^[^\"]*(?:\"[^\"]*\"[^\"]*)*)//.*$")]
    private static partial Regex Comment();
}
