using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Running.Parameters;

// The literals that an F# cell binds to names at its top level: let scale = "smoke" // how large
// A line parser, for F#'s own takes seconds to start: a binding of a literal is one line, and what lies inside a longer
// string or comment is left out first.
internal static partial class FSharpBindings
{
    public static IReadOnlyList<Binding> Of(string code)
    {
        var found = new List<Binding>();
        var above = new List<string>();
        foreach (var line in TopLines(code.ReplaceLineEndings("\n")))
        {
            if (Comment().Match(line) is { Success: true } comment)
            {
                above.Add(comment.Groups["text"].Value.Trim());
                continue;
            }
            if (Bind(line, string.Join(' ', above)) is { } binding)
                found.Add(binding);
            above.Clear();
        }
        return found;
    }

    private static Binding? Bind(string line, string above)
    {
        var match = Let().Match(line);
        if (!match.Success || !Literal(match.Groups["value"].Value, out var value))
            return null;
        var beside = (match.Groups["line"].Value + match.Groups["block"].Value).Trim();
        var annotation = match.Groups["type"].Value;
        var type = annotation.Length > 0 ? ParameterType.InFSharp(annotation) : ParameterType.Of(value);
        return type is null || (value is not null && ParameterType.Of(value) != type)
            ? null
            : new Binding(match.Groups["name"].Value, type, value, beside.Length > 0 ? beside : above);
    }

    private static bool Literal(string text, out object? value)
    {
        var number = text.Replace("_", "", StringComparison.Ordinal);
        value = text switch
        {
            "true" => true,
            "false" => false,
            "null" => null,
            ['"', '"', '"', .. var raw, '"', '"', '"'] => raw,
            ['@', '"', .. var verbatim, '"'] => verbatim.Replace("\"\"", "\"", StringComparison.Ordinal),
            ['"', .. var plain, '"'] => Unescape(plain),
            [.., 'L'] => Parse<long>(number[..^1]),
            [.., 'f' or 'F'] => Parse<float>(number[..^1]),
            [.., 'm' or 'M'] => Parse<decimal>(number[..^1]),
            _ when text.AsSpan().ContainsAny('.', 'e', 'E') => Parse<double>(number),
            _ => Parse<int>(number),
        };
        return value is not null || text == "null";
    }

    private static object? Parse<T>(string text)
        where T : struct, IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string Unescape(string text) =>
        Escape()
            .Replace(
                text,
                m =>
                    m.Value[1] switch
                    {
                        'n' => "\n",
                        't' => "\t",
                        'r' => "\r",
                        'b' => "\b",
                        '0' => "\0",
                        'u' or 'U' => char.ConvertFromUtf32(int.Parse(m.Value[2..], NumberStyles.HexNumber)),
                        var c => c.ToString(),
                    }
            );

    // Lines that start outside strings and comments; of one in which a longer string starts, what comes before it.
    private static IEnumerable<string> TopLines(string code)
    {
        var line = new StringBuilder();
        foreach (Match piece in Piece().Matches(code))
        {
            if (piece.Value == "\n")
            {
                yield return line.ToString();
                line.Clear();
            }
            else
                line.Append(piece.Value.Contains('\n') ? "\u0000" : piece.Value);
        }
        yield return line.ToString();
    }

    [GeneratedRegex(
        @"""""""[\s\S]*?(?:""""""|$)|@""(?:[^""]|"""")*""?|""(?:\\[\s\S]|[^""\\])*""?|\(\*(?!\))[\s\S]*?(?:\*\)|$)|//[^\n]*|\n|."
    )]
    private static partial Regex Piece();

    [GeneratedRegex(
        """^let\s+(?:mutable\s+)?(?<name>[\p{L}_][\p{L}\p{Nd}_']*)\s*(?::\s*(?<type>[\w.]+)(?:\s*\|\s*null)?)?\s*=\s*(?<value>"{3}.*?"{3}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\])*"|-?[\d][\w.]*(?:(?<=[eE])[-+]?\d+\w*)?|true|false|null)\s*;{0,2}\s*(?:///?(?<line>.*)|\(\*(?<block>.*)\*\))?\s*$"""
    )]
    private static partial Regex Let();

    [GeneratedRegex(@"^//+(?<text>.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[ntrb0\\""'])")]
    private static partial Regex Escape();
}
