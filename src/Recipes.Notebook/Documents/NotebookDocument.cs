using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>
/// A notebook: cells of code and prose. Read from <c>.ipynb</c>, <c>.dib</c> or a script and written to any of them. An
/// unchanged document is written to its format byte by byte as it was read; a change touches nothing but itself.
/// </summary>
public sealed class NotebookDocument
{
    private readonly List<NotebookCell> _cells;

    internal NotebookDocument(JsonObject root, JsonStyle style)
    {
        Root = root;
        Style = style;
        _cells = [.. Array.Select(cell => new NotebookCell(this, (JsonObject)cell!))];
    }

    /// <summary>The cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells => _cells;

    /// <summary>Free data: kernelspec, language_info and more.</summary>
    public JsonObject Metadata
    {
        get
        {
            if (Root["metadata"] is not JsonObject metadata)
                Root.Put("metadata", metadata = []);
            return metadata;
        }
    }

    /// <summary>The kernel name of cells that name none, such as <c>csharp</c>.</summary>
    public string DefaultLanguage => NotebookMetadata.DefaultLanguage(Root["metadata"]);

    internal JsonObject Root { get; }

    internal JsonStyle Style { get; }

    internal OriginalFile? Original { get; set; }

    /// <summary>The line ends of text formats.</summary>
    internal string TextNewLine { get; set; } = "\n";

    private JsonArray Array => (JsonArray)Root["cells"]!;

    /// <summary>An empty document in nbformat 4.5.</summary>
    /// <param name="language">The default language: <c>csharp</c>, <c>fsharp</c> or an alias.</param>
    /// <exception cref="RecipesException">Another language.</exception>
    public static NotebookDocument New(string language = CellLanguages.CSharp) => With(NotebookMetadata.For(language));

    /// <summary>Reads a file by its extension: <c>.ipynb</c>, <c>.dib</c>, <c>.csx</c>, <c>.fsx</c>.</summary>
    /// <exception cref="RecipesException">It cannot be read, or is no notebook; all problems in one error.</exception>
    public static NotebookDocument Load(string path)
    {
        var format = DocumentFormat.Of(path);
        return format.Read(path, TextFile.Read(path));
    }

    /// <summary>Writes a file by its extension, whole or not at all.</summary>
    /// <exception cref="RecipesException">The extension is unknown, or the place cannot be written.</exception>
    public void Save(string path)
    {
        var format = DocumentFormat.Of(path);
        if (Original is { } original && original.IsUnchanged(format.Extension, stream => format.Write(this, stream)))
            AtomicFile.Write(path, stream => stream.Write(original.Bytes));
        else
            AtomicFile.Write(path, stream => format.Write(this, stream));
    }

    /// <summary>Adds a cell at the end.</summary>
    /// <param name="kind">Code, prose or raw text.</param>
    /// <param name="source">Its text.</param>
    /// <param name="language">A kernel name or alias, for code; null leaves the default.</param>
    public NotebookCell Add(CellKind kind, string source, string? language = null) => Insert(_cells.Count, kind, source, language);

    /// <summary>Adds a cell before the one at an index.</summary>
    /// <inheritdoc cref="Add"/>
    public NotebookCell Insert(int index, CellKind kind, string source, string? language = null)
    {
        var json = new JsonObject { ["cell_type"] = kind.ToString().ToLowerInvariant() };
        if (kind == CellKind.Code)
            json["execution_count"] = null;
        if (HasIds)
            json["id"] = NewId(kind, source);
        json["metadata"] = kind == CellKind.Code && language is not null ? NotebookMetadata.ForCell(language) : new JsonObject();
        if (kind == CellKind.Code)
            json["outputs"] = new JsonArray();
        json["source"] = Multiline.Write(source);
        Array.Insert(index, json);
        var cell = new NotebookCell(this, json);
        _cells.Insert(index, cell);
        return cell;
    }

    /// <summary>Removes a cell.</summary>
    public void Remove(NotebookCell cell)
    {
        var index = _cells.IndexOf(cell);
        if (index < 0)
            throw new ArgumentException("The cell is not of this document.", nameof(cell));
        _cells.RemoveAt(index);
        Array.RemoveAt(index);
    }

    /// <summary>An empty document with these metadata.</summary>
    internal static NotebookDocument With(JsonObject metadata) =>
        new(
            new JsonObject
            {
                ["cells"] = new JsonArray(),
                ["metadata"] = metadata,
                ["nbformat"] = 4,
                ["nbformat_minor"] = 5,
            },
            JsonStyle.Notebook
        );

    // Older minors forbid ids.
    private bool HasIds => Root["nbformat"].AsInt() == 4 && Root["nbformat_minor"].AsInt() >= 5;

    // From the content, so that the same steps make the same file.
    private string NewId(CellKind kind, string source)
    {
        var taken = _cells.Select(c => c.Id).ToHashSet();
        for (var n = 0; ; n++)
        {
            var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {n} {source}")))[..8];
            if (!taken.Contains(id))
                return id;
        }
    }

    /// <summary>The number of cells and the default language.</summary>
    public override string ToString() => $"notebook of {_cells.Count} cells, {CellLanguages.Title(DefaultLanguage)}";
}
