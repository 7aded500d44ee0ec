using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>
/// Reads and writes <c>.dib</c> files: an optional head <c>#!meta</c> with one line of JSON, then cells, each at a line that is
/// <c>#!</c> and a language. Other lines that start with <c>#!</c> are magics of their cell. Outputs and tags have no place here.
/// </summary>
internal static class DibFile
{
    private const string Head = "#!meta";

    /// <summary>Reads a file; any text is one.</summary>
    /// <exception cref="RecipesException">The head is not JSON.</exception>
    public static NotebookDocument Read(string path, byte[] bytes)
    {
        var (text, newLine) = TextCells.Read(path, bytes);
        var lines = TextCells.Lines(text);
        var start = Array.FindIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        var (meta, next) = start >= 0 && lines[start].TrimEnd() == Head ? Meta(path, lines, start + 1) : (null, 0);
        var languages = Languages(meta);
        var document = Empty(meta);
        document.TextNewLine = newLine;
        string? language = null;
        var from = next;
        for (var i = next; i <= lines.Length; i++)
        {
            var found = i < lines.Length ? LanguageOf(lines[i], languages) : null;
            if (found is null && i < lines.Length)
                continue;
            Add(document, language, TextCells.Trimmed(lines[from..i]));
            (language, from) = (found, i + 1);
        }
        document.Original = OriginalFile.Of(".dib", bytes, stream => Write(document, stream));
        return document;
    }

    /// <summary>Writes the head, if the document needs one, and the cells.</summary>
    public static void Write(NotebookDocument document, Stream output)
    {
        var head = HeadOf(document);
        var languages = Languages(head);
        var text = new StringBuilder();
        if (head is not null)
            text.Append(Head).Append("\n\n").Append(JsonText.Line(head)).Append("\n\n");
        foreach (var cell in document.Cells)
        {
            var source = cell.Kind == CellKind.Code ? CellLanguages.Split(cell.Source).Body : cell.Source;
            var lines = TextCells.Lines(TextCells.Trimmed(TextCells.Lines(source)));
            text.Append("#!").Append(cell.Language).Append("\n\n");
            foreach (var line in lines)
            {
                // In prose such a line is shown, not obeyed: a space keeps it from starting a cell.
                var starts = cell.Kind != CellKind.Code && LanguageOf(line, languages) is not null;
                text.Append(starts ? " " : "").Append(line).Append('\n');
            }
            text.Append('\n');
        }
        if (text.Length > 0)
            text.Length--;
        TextCells.Write(document, text.ToString(), output);
    }

    private static void Add(NotebookDocument document, string? language, string source)
    {
        if (language is null && source.Length == 0)
            return;
        var kind = language switch
        {
            CellLanguages.Markdown => CellKind.Markdown,
            CellLanguages.Raw => CellKind.Raw,
            _ => CellKind.Code,
        };
        document.Add(kind, source, language);
    }

    private static NotebookDocument Empty(JsonObject? meta)
    {
        var metadata = new JsonObject();
        if (meta is not null)
            metadata["polyglot_notebook"] = meta;
        var language = NotebookMetadata.DefaultLanguage(metadata);
        if (language is CellLanguages.CSharp or CellLanguages.FSharp)
            foreach (var (key, value) in NotebookMetadata.KernelOf(language))
                metadata.Put(key, value?.DeepClone());
        return NotebookDocument.With(metadata);
    }

    private static (JsonObject Meta, int Next) Meta(string path, string[] lines, int start)
    {
        var end = start;
        while (end < lines.Length && CellLanguages.NameOnLine(lines[end]) is null)
            end++;
        while (start < end && string.IsNullOrWhiteSpace(lines[start]))
            start++;
        var place = $"{path}: the head {Head}";
        try
        {
            if (start == end)
                throw new RecipesException($"{place} is empty. Write one line of JSON below it, or remove it.");
            return JsonNode.Parse(string.Join('\n', lines[start..end])) is JsonObject meta
                ? (meta, end)
                : throw new RecipesException($"{place}: line {start + 1}: expected a JSON object such as {{\"kernelInfo\":{{…}}}}");
        }
        catch (JsonException e)
        {
            var line = start + 1 + (int)(e.LineNumber ?? 0);
            var reason = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new RecipesException(
                $"{place} is not JSON: line {line}, column {(e.BytePositionInLine ?? 0) + 1}: {reason}. Mend that line, or remove the head.",
                e
            );
        }
    }

    // What polyglot_notebook says, in the form of a head, with every language of the document that a reader would not know.
    private static JsonObject? HeadOf(NotebookDocument document)
    {
        var stored = document.Root.At("metadata", "polyglot_notebook") as JsonObject;
        var head = stored?.DeepClone() as JsonObject;
        if (head is not null && head["kernelInfo"] is null)
            head = new JsonObject { ["kernelInfo"] = head };
        var language = document.DefaultLanguage;
        var known = Languages(head);
        var unknown = document
            .Cells.Select(c => c.Language)
            .Append(language)
            .Distinct()
            .Where(l => LanguageOf("#!" + l, known) != l)
            .ToArray();
        if (head is null && (unknown.Length > 0 || language != CellLanguages.CSharp))
            head = [];
        if (head is not null && head["kernelInfo"] is not JsonObject)
            head["kernelInfo"] = NotebookMetadata.KernelInfo(language);
        if (unknown.Length > 0)
        {
            var info = (JsonObject)head!["kernelInfo"]!;
            if (info["items"] is not JsonArray items)
                info["items"] = items = [];
            foreach (var name in unknown.Except(items.Select(i => i.At("name").AsText())))
                items.Add(NotebookMetadata.Kernel(name!));
        }
        return head;
    }

    private static string? LanguageOf(string line, Dictionary<string, string> languages) =>
        CellLanguages.NameOnLine(line) is not { } name ? null
        : languages.TryGetValue(name, out var language) ? language
        : CellLanguages.Find(name);

    // Names and aliases that the head adds to the usual ones, such as a database's.
    private static Dictionary<string, string> Languages(JsonObject? meta)
    {
        var languages = new Dictionary<string, string>(StringComparer.Ordinal);
        if (meta.At("kernelInfo", "items") is not JsonArray items)
            return languages;
        foreach (var item in items)
        {
            if (item.At("name").AsText() is not { Length: > 0 } name)
                continue;
            var aliases = item.At("aliases") is JsonArray list ? list.Select(a => a.AsText()).OfType<string>() : [];
            foreach (var alias in aliases.Append(name))
                if (CellLanguages.Find(alias) is null)
                    languages[alias] = CellLanguages.Find(name) ?? name;
        }
        return languages;
    }
}
