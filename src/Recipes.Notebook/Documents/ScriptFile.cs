using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recipes.Notebook.Documents;

/// <summary>
/// Reads and writes scripts (<c>.csx</c>, <c>.fsx</c>) in the percent format that Jupytext and editors know: a cell starts at
/// <c>// %%</c>; prose, cells of another language and magics are comments. A script without such lines is one cell.
/// </summary>
internal sealed partial class ScriptFile(string language)
{
    private const string Start = "// %%";
    private const string Comment = "// ";

    /// <summary>Reads a script.</summary>
    public static NotebookDocument Read(string path, byte[] bytes, string language)
    {
        var (text, newLine) = TextCells.Read(path, bytes);
        var lines = TextCells.Lines(text);
        var document = NotebookDocument.New(language);
        document.TextNewLine = newLine;
        var script = new ScriptFile(language);
        string? heading = null;
        var from = 0;
        for (var i = 0; i <= lines.Length; i++)
        {
            if (i < lines.Length && !IsHeading(lines[i]))
                continue;
            script.Add(document, heading, lines[from..i]);
            if (i < lines.Length)
                (heading, from) = (lines[i][Start.Length..], i + 1);
        }
        document.Original = OriginalFile.Of(Path.GetExtension(path).ToLowerInvariant(), bytes, s => script.Write(document, s));
        return document;
    }

    /// <summary>Writes a script.</summary>
    public void Write(NotebookDocument document, Stream output)
    {
        var text = new StringBuilder();
        foreach (var cell in document.Cells)
        {
            var isCode = cell.Kind == CellKind.Code && cell.Language == language;
            var source = cell.Kind == CellKind.Code ? CellLanguages.Split(cell.Source).Body : cell.Source;
            var lines = TextCells.Lines(TextCells.Trimmed(TextCells.Lines(source)));
            text.Append(text.Length > 0 ? "\n" : "").Append(Start).Append(Heading(cell, isCode)).Append('\n');
            foreach (var line in lines)
                text.Append(isCode ? Guard(line) : Commented(line)).Append('\n');
        }
        TextCells.Write(document, text.ToString(), output);
    }

    private string Heading(NotebookCell cell, bool isCode)
    {
        var heading = cell.Kind switch
        {
            CellKind.Markdown => " [markdown]",
            CellKind.Raw => " [raw]",
            _ when isCode => "",
            _ =>
                $" {CellLanguages.Title(cell.Language)}, not part of this {CellLanguages.Title(language)} script: language={Json(cell.Language)}",
        };
        return cell.Tags.Count == 0 ? heading : $"{heading} tags={Json([.. cell.Tags])}";
    }

    private void Add(NotebookDocument document, string? heading, string[] lines)
    {
        if (heading is null)
        {
            if (TextCells.Trimmed(lines) is { Length: > 0 } code)
                document.Add(CellKind.Code, code, language);
            return;
        }
        var kind = Kind().Match(heading).Groups["kind"].Value switch
        {
            "markdown" or "md" => CellKind.Markdown,
            "raw" => CellKind.Raw,
            _ => CellKind.Code,
        };
        var options = Options()
            .Matches(heading)
            .DistinctBy(m => m.Groups["key"].Value)
            .ToDictionary(m => m.Groups["key"].Value, m => Parse(m.Groups["value"].Value));
        var other = options.GetValueOrDefault("language").AsText() ?? language;
        var isCode = kind == CellKind.Code && other == language;
        var cell = document.Add(kind, TextCells.Trimmed([.. isCode ? lines.Select(Unguard) : lines.Select(Uncommented)]), other);
        if (options.GetValueOrDefault("tags") is JsonArray tags)
            cell.Tags = [.. tags.Select(t => t.AsText()).OfType<string>()];
    }

    private static bool IsHeading(string line) =>
        line.StartsWith(Start, StringComparison.Ordinal) && (line.Length == Start.Length || line[Start.Length] == ' ');

    // A magic, and a comment that reads as a heading or as a magic, moves one comment deeper; reading moves it back.
    private static string Guard(string line) => IsGuarded(line) ? Comment + line : line;

    private static string Unguard(string line) => Under(line) is { } inner && IsGuarded(inner) ? inner : line;

    private static bool IsGuarded(string line) => Magic().IsMatch(line) || DeepHeading().IsMatch(line);

    // The same for prose that starts with %%, as Mermaid's comments do.
    private static string Commented(string line)
    {
        var comment = line.Length == 0 ? "//" : Comment + line;
        return DeepHeading().IsMatch(comment) ? Comment + comment : comment;
    }

    private static string Uncommented(string line)
    {
        var inner = Under(line) ?? (line == "//" ? "" : line);
        return DeepHeading().IsMatch(inner) ? Under(inner)! : inner;
    }

    private static string? Under(string line) => line.StartsWith(Comment, StringComparison.Ordinal) ? line[Comment.Length..] : null;

    private static string Json(JsonNode value) => JsonText.Line(value);

    private static string Json(string[] values) => JsonText.Line(new JsonArray([.. values.Select(v => (JsonNode)v)]));

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?://\x20)*#!", RegexOptions.None, 10_000)]
    private static partial Regex Magic();

    [GeneratedRegex(@"^(?://\x20)+%%(?:\x20|$)", RegexOptions.None, 10_000)]
    private static partial Regex DeepHeading();

    [GeneratedRegex(@"\[(?<kind>markdown|md|raw)\]", RegexOptions.None, 10_000)]
    private static partial Regex Kind();

    [GeneratedRegex(@"(?<key>\w+)=(?<value>""(?:[^""\\]|\\.)*""|\[(?:[^""\]]|""(?:[^""\\]|\\.)*"")*\])", RegexOptions.None, 10_000)]
    private static partial Regex Options();
}
