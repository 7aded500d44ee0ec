namespace Recipes.Notebook.Documents;

/// <summary>The kernel names of the Polyglot convention and their aliases: <c>#!fs</c> and <c>F#</c> both name <c>fsharp</c>.</summary>
public static class CellLanguages
{
    /// <summary>The kernel name of C#.</summary>
    public const string CSharp = "csharp";

    /// <summary>The kernel name of F#.</summary>
    public const string FSharp = "fsharp";

    /// <summary>The kernel name of prose.</summary>
    public const string Markdown = "markdown";

    /// <summary>The name of raw cells.</summary>
    public const string Raw = "raw";

    private static readonly Dictionary<string, string> ByAlias = new(StringComparer.OrdinalIgnoreCase)
    {
        [CSharp] = CSharp,
        ["c#"] = CSharp,
        ["cs"] = CSharp,
        [FSharp] = FSharp,
        ["f#"] = FSharp,
        ["fs"] = FSharp,
        [Markdown] = Markdown,
        ["md"] = Markdown,
        [Raw] = Raw,
        ["html"] = "html",
        ["javascript"] = "javascript",
        ["js"] = "javascript",
        ["mermaid"] = "mermaid",
        ["pwsh"] = "pwsh",
        ["powershell"] = "pwsh",
        ["sql"] = "sql",
        ["kql"] = "kql",
        ["http"] = "http",
        ["httprequest"] = "http",
        ["value"] = "value",
        ["vscode"] = "vscode",
        ["frontend"] = "vscode",
        ["webview"] = "webview",
    };

    /// <summary>The kernel name that a name or alias stands for, whatever its case; null when it is unknown.</summary>
    public static string? Find(string name) => ByAlias.GetValueOrDefault(name);

    /// <summary>The language that the first line that is not blank selects (<c>#!fsharp</c>), or null. A line with more on it is a magic.</summary>
    public static string? Selected(string code) => Split(code).Language;

    /// <summary>The language of a line <c>#!name</c>, or null when the line is something else or the name is unknown.</summary>
    public static string? OfLine(ReadOnlySpan<char> line) => NameOnLine(line) is { } name ? Find(name) : null;

    /// <summary>A cell's text as the language that its first line selects, and the rest; the language is null when none is selected.</summary>
    public static (string? Language, string Body) Split(string code)
    {
        var start = 0;
        while (start < code.Length)
        {
            var end = code.IndexOf('\n', start);
            var line = code.AsSpan(start, (end < 0 ? code.Length : end) - start);
            if (!line.IsWhiteSpace())
                return OfLine(line) is { } language ? (language, end < 0 ? "" : code[(end + 1)..]) : (null, code);
            if (end < 0)
                break;
            start = end + 1;
        }
        return (null, code);
    }

    /// <summary>How a language is written in prose: <c>C#</c>.</summary>
    public static string Title(string language) =>
        language switch
        {
            CSharp => "C#",
            FSharp => "F#",
            Markdown => "Markdown",
            "html" => "HTML",
            "javascript" => "JavaScript",
            "mermaid" => "Mermaid",
            "pwsh" => "PowerShell",
            "sql" => "SQL",
            "kql" => "KQL",
            _ => language,
        };

    /// <summary>The name on a line that is <c>#!name</c> and nothing more.</summary>
    internal static string? NameOnLine(ReadOnlySpan<char> line)
    {
        var text = line.TrimEnd();
        return text.StartsWith("#!", StringComparison.Ordinal) && text.Length > 2 && text.IndexOfAny(" \t") < 0
            ? text[2..].ToString()
            : null;
    }
}
