using System.Text;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Gallery;

/// <summary>
/// The LaTeX of formulas in prose as MathML, which browsers draw without a library: letters and signs, scripts, fractions, roots,
/// delimiters, accents, matrices and aligned lines. A formula with anything else is shown as its source.
/// </summary>
internal sealed partial class MathHtml
{
    private readonly string[] _tokens;
    private readonly bool _isBlock;
    private int _at;

    private MathHtml(string latex, bool isBlock) => (_tokens, _isBlock) = ([.. Token().Matches(latex).Select(m => m.Value)], isBlock);

    /// <summary>A formula as HTML.</summary>
    /// <param name="latex">Without its delimiters.</param>
    /// <param name="isBlock">Whether it stands on a line of its own.</param>
    public static string ToHtml(string latex, bool isBlock)
    {
        try
        {
            var parser = new MathHtml(latex.Trim(), isBlock);
            var math = parser.Rows(null);
            return $"<math{(isBlock ? " display=\"block\"" : "")} title=\"{Html.Escape(latex.Trim())}\">{math}</math>";
        }
        catch (FormatException)
        {
            return $"<code class=\"latex\">{Html.Escape(latex.Trim())}</code>";
        }
    }

    // Rows and columns up to \end, or to the end of the text; one cell is no table.
    private string Rows(string? environment)
    {
        var rows = new List<List<string>> { new() { Row() } };
        while (_at < _tokens.Length)
        {
            var token = Next();
            if (token == "&")
                rows[^1].Add(Row());
            else if (token is "\\\\" or "\\cr")
                rows.Add([Row()]);
            else if (token == "\\end" && environment is not null && Raw() == environment)
                return Table(rows, environment);
            else
                throw new FormatException(token);
        }
        if (environment is not null)
            throw new FormatException(environment);
        return rows is [[var single]] ? single : Table(rows, "aligned");
    }

    private static string Table(List<List<string>> rows, string environment)
    {
        if (rows.Count > 1 && rows[^1] is [var last] && last == "<mrow></mrow>")
            rows.RemoveAt(rows.Count - 1);
        var name = environment.TrimEnd('*');
        var isAligned = name is "aligned" or "align" or "split" or "gathered" or "eqnarray" or "equation";
        var table = new StringBuilder($"<mtable class=\"{(isAligned ? "aligned" : name)}\"{(isAligned ? " displaystyle=\"true\"" : "")}>");
        foreach (var row in rows)
            table.Append("<mtr>").AppendJoin("", row.Select(cell => $"<mtd>{cell}</mtd>")).Append("</mtr>");
        table.Append("</mtable>");
        return name switch
        {
            "pmatrix" => Fenced("(", table, ")"),
            "bmatrix" => Fenced("[", table, "]"),
            "vmatrix" => Fenced("|", table, "|"),
            "cases" => Fenced("{", table, ""),
            "matrix" or "smallmatrix" or "array" => table.ToString(),
            _ when isAligned => table.ToString(),
            _ => throw new FormatException(environment),
        };
    }

    private static string Fenced(string open, object inner, string close) => $"<mrow>{Fence(open)}{inner}{Fence(close)}</mrow>";

    private static string Fence(string sign) => sign.Length == 0 ? "" : $"<mo stretchy=\"true\">{Html.Escape(sign)}</mo>";

    private string Row()
    {
        var row = new StringBuilder();
        while (Peek() is { } token && token is not ("}" or "&" or "\\\\" or "\\cr" or "\\end" or "\\right"))
            row.Append(Term());
        return $"<mrow>{row}</mrow>";
    }

    // An atom with its scripts.
    private string Term()
    {
        var isLimits =
            _isBlock && Peek() is { } token && (MathSymbols.Large.ContainsKey(token[1..]) || MathSymbols.Limits.Contains(token[1..]));
        var atom = Peek() is "_" or "^" ? "<mrow></mrow>" : Atom();
        string? below = null;
        var above = "";
        while (Peek() is "_" or "^" or "'" or "\\limits" or "\\nolimits")
            switch (Next())
            {
                case "_":
                    below = Argument();
                    break;
                case "^":
                    above += Argument();
                    break;
                case "'":
                    above += "<mo>′</mo>";
                    break;
                case "\\limits":
                    isLimits = true;
                    break;
                default:
                    isLimits = false;
                    break;
            }
        var (sub, sup, both) = isLimits ? ("munder", "mover", "munderover") : ("msub", "msup", "msubsup");
        return (below, above) switch
        {
            (null, "") => atom,
            (null, _) => $"<{sup}>{atom}<mrow>{above}</mrow></{sup}>",
            (_, "") => $"<{sub}>{atom}{below}</{sub}>",
            _ => $"<{both}>{atom}{below}<mrow>{above}</mrow></{both}>",
        };
    }

    // What a command or a script takes: of a number, one digit.
    private string Argument()
    {
        if (Peek() is not { Length: > 1 } number || !char.IsDigit(number[0]))
            return Atom();
        _tokens[_at] = number[1..];
        return $"<mn>{number[0]}</mn>";
    }

    private string Atom()
    {
        var token = Next();
        if (token == "{")
        {
            var row = Row();
            return Next() == "}" ? row : throw new FormatException("}");
        }
        if (token[0] == '\\' && token.Length > 1)
            return Command(token[1..]);
        if (char.IsDigit(token[0]))
            return $"<mn>{token}</mn>";
        if (char.IsLetter(token[0]))
            return $"<mi>{Html.Escape(token)}</mi>";
        return token is "}" or "&" or "_" or "^" or "#" or "$" or "%"
            ? throw new FormatException(token)
            : $"<mo{(token is "|" or "(" or ")" or "[" or "]" ? " stretchy=\"false\"" : "")}>{Html.Escape(token == "-" ? "−" : token)}</mo>";
    }

    private string Command(string name)
    {
        if (MathSymbols.Letters.TryGetValue(name, out var letter))
            return $"<mi{(char.IsUpper(letter[0]) ? " mathvariant=\"normal\"" : "")}>{letter}</mi>";
        if (MathSymbols.Large.TryGetValue(name, out var large))
            return $"<mo largeop=\"true\" movablelimits=\"true\">{large}</mo>";
        if (MathSymbols.Operators.TryGetValue(name, out var sign))
            return $"<mo stretchy=\"false\">{Html.Escape(sign)}</mo>";
        if (MathSymbols.Functions.Contains(name) || MathSymbols.Limits.Contains(name))
            return Upright(name.Replace("arg", "arg ", StringComparison.Ordinal).TrimEnd());
        if (MathSymbols.Spaces.TryGetValue(name, out var width))
            return $"<mspace width=\"{width}\"></mspace>";
        if (MathSymbols.Accents.TryGetValue(name, out var mark))
        {
            var (tag, stretches) = (
                name.StartsWith("under", StringComparison.Ordinal) ? "munder" : "mover",
                mark is "‾" or "_" or "⏞" or "⏟" || name[0] == 'w'
            );
            return $"<{tag} accent=\"true\">{Atom()}<mo stretchy=\"{(stretches ? "true" : "false")}\">{mark}</mo></{tag}>";
        }
        switch (name)
        {
            case "frac" or "dfrac" or "tfrac" or "cfrac":
                return $"<mfrac>{Argument()}{Argument()}</mfrac>";
            case "binom":
                return Fenced("(", $"<mfrac linethickness=\"0\">{Argument()}{Argument()}</mfrac>", ")");
            case "sqrt":
                return Peek() == "[" && Raw("[", "]") is { } degree
                    ? $"<mroot>{Atom()}<mn>{Html.Escape(degree)}</mn></mroot>"
                    : $"<msqrt>{Argument()}</msqrt>";
            case "left":
                var open = Delimiter();
                var inner = Row();
                return Next() == "\\right" ? Fenced(open, inner, Delimiter()) : throw new FormatException("\\right");
            case "big" or "Big" or "bigg" or "Bigg" or "bigl" or "bigr" or "Bigl" or "Bigr" or "biggl" or "biggr":
                return $"<mo stretchy=\"false\" class=\"big\">{Html.Escape(Delimiter())}</mo>";
            case "text" or "textrm" or "mbox" or "textbf" or "textit":
                return $"<mtext>{Html.Escape(Raw())}</mtext>";
            case "mathrm" or "operatorname" or "operatorname*" or "mathsf" or "mathtt" or "textsc":
                return Upright(Raw());
            case "mathbf" or "boldsymbol" or "bm" or "pmb":
                return $"<mrow class=\"bold\">{Atom()}</mrow>";
            case "mathbb":
                return Lettered(Raw(), "bb", 0x1D538);
            case "mathcal" or "mathscr":
                return Lettered(Raw(), "cal", 0x1D49C);
            case "begin":
                var environment = Raw();
                if (environment == "array")
                    Raw();
                return Rows(environment);
            case "displaystyle" or "textstyle" or "nonumber" or "notag" or " ":
                return name == " " ? "<mspace width=\"0.25em\"></mspace>" : "";
            default:
                throw new FormatException(name);
        }
    }

    private static string Upright(string name) => $"<mi mathvariant=\"normal\">{Html.Escape(name)}</mi>";

    private static string Lettered(string text, string style, int first) =>
        string.Concat(
            text.Select(c =>
                MathSymbols.Apart.TryGetValue(style + c, out var apart) ? $"<mi>{apart}</mi>"
                : c is >= 'A' and <= 'Z' ? $"<mi>{char.ConvertFromUtf32(first + c - 'A')}</mi>"
                : Upright(c.ToString())
            )
        );

    private string Delimiter() =>
        Next() switch
        {
            "." => "",
            { Length: > 1 } command when MathSymbols.Operators.TryGetValue(command[1..], out var sign) => sign,
            { Length: 1 } sign => sign,
            var other => throw new FormatException(other),
        };

    // What braces hold, as it is written.
    private string Raw(string open = "{", string close = "}")
    {
        if (Next() != open)
            throw new FormatException(open);
        var text = new StringBuilder();
        for (var depth = 1; ; )
        {
            if (_at == _tokens.Length)
                throw new FormatException(close);
            var token = _tokens[_at++];
            depth +=
                token == open ? 1
                : token == close ? -1
                : 0;
            if (depth == 0)
                return text.ToString();
            text.Append(token.TrimStart('\\'));
        }
    }

    private string? Peek()
    {
        while (_at < _tokens.Length && string.IsNullOrWhiteSpace(_tokens[_at]))
            _at++;
        return _at < _tokens.Length ? _tokens[_at] : null;
    }

    private string Next()
    {
        var token = Peek() ?? throw new FormatException("end");
        _at++;
        return token;
    }

    [GeneratedRegex(@"\\[a-zA-Z]+\*?|\\[\s\S]|[0-9]+(?:[.,][0-9]+)*|\s+|[\s\S]", RegexOptions.None, 10_000)]
    private static partial Regex Token();
}
