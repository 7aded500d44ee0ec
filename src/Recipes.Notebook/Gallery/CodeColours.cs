using System.Text;
using System.Text.RegularExpressions;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Gallery;

/// <summary>Code with comments, texts, numbers and keywords marked. Other languages than C# and F# stay plain.</summary>
internal static partial class CodeColours
{
    private static readonly HashSet<string> CSharpWords =
    [
        .. """
            abstract as async await base bool break byte case catch char class const continue decimal default delegate do double dynamic else
            enum event explicit extern false file finally fixed float for foreach get if implicit in init int interface internal is lock long
            nameof namespace new not null object operator out override params partial private protected public readonly record ref required
            return sbyte sealed set short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe
            ushort using var virtual void volatile when where while with yield and or
            """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries),
    ];

    private static readonly HashSet<string> FSharpWords =
    [
        .. """
            abstract and as assert async base begin bool byte class default delegate do done downcast downto elif else end exception extern
            false finally fixed float float32 for fun function global if in inherit inline int int64 interface internal lazy let match member
            module mutable namespace new not null of open or override private public rec return seq sig static string struct task then to
            true try type unit upcast use val void when while with yield
            """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>The code as HTML.</summary>
    public static string ToHtml(string code, string language)
    {
        var words = language switch
        {
            CellLanguages.CSharp => CSharpWords,
            CellLanguages.FSharp => FSharpWords,
            _ => null,
        };
        if (words is null || code.Length > 50_000)
            return Html.Escape(code);
        var html = new StringBuilder(code.Length * 2);
        var at = 0;
        foreach (Match m in (language == CellLanguages.CSharp ? CSharp() : FSharp()).Matches(code))
        {
            var kind = m.Groups["word"].Success
                ? (words.Contains(m.Value) ? "k" : null)
                : m.Groups.Values.Skip(1).First(g => g.Success).Name;
            if (kind is null)
                continue;
            html.Append(Html.Escape(code[at..m.Index])).Append($"<span class=\"{kind}\">{Html.Escape(m.Value)}</span>");
            at = m.Index + m.Length;
        }
        return html.Append(Html.Escape(code[at..])).ToString();
    }

    // c comments, m magics and directives, s texts, n numbers.
    [GeneratedRegex(
        """(?<c>//[^\n]*|/\*[\s\S]*?(?:\*/|$))|(?<m>^[ \t]*#[^\n]*)|(?<s>\$*"{3}[\s\S]*?"{3}|(?:\$@|@\$|@)"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\[^'\n]+|[^'\\\n])')|(?<n>\b\d[\w.]*)|(?<word>@?[A-Za-z_]\w*)""",
        RegexOptions.Multiline,
        10_000
    )]
    private static partial Regex CSharp();

    [GeneratedRegex(
        """(?<c>//[^\n]*|\(\*(?!\))[\s\S]*?(?:\*\)|$))|(?<m>^[ \t]*#[^\n]*)|(?<s>\$*"{3}[\s\S]*?"{3}|@"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\])*"|'(?:\\[^'\n]+|[^'\\\n])')|(?<n>\b\d[\w.]*)|(?<word>[A-Za-z_][\w']*)""",
        RegexOptions.Multiline,
        10_000
    )]
    private static partial Regex FSharp();
}
