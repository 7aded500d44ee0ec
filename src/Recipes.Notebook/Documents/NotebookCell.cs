using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>A cell of a document. Setting a property changes only what it names; all else keeps the file's spelling.</summary>
public sealed class NotebookCell
{
    private readonly NotebookDocument _document;

    internal NotebookCell(NotebookDocument document, JsonObject json) => (_document, Json) = (document, json);

    /// <summary>The cell as nbformat stores it.</summary>
    internal JsonObject Json { get; }

    /// <summary>Code, prose or raw text.</summary>
    public CellKind Kind =>
        Json["cell_type"].AsText() switch
        {
            "markdown" => CellKind.Markdown,
            "raw" => CellKind.Raw,
            _ => CellKind.Code,
        };

    /// <summary>The id of nbformat 4.5, or null.</summary>
    public string? Id => Json["id"].AsText();

    /// <summary>The whole text, lines ended by <c>\n</c>, the last one without.</summary>
    public string Source
    {
        get => Multiline.Read(Json["source"]) ?? "";
        set
        {
            if (value != Source)
                Json.Put("source", Multiline.Write(value));
        }
    }

    /// <summary>The kernel name of the cell's language: by its first line, by its metadata, else the document's default.</summary>
    public string Language =>
        Kind switch
        {
            CellKind.Markdown => CellLanguages.Markdown,
            CellKind.Raw => CellLanguages.Raw,
            _ => CellLanguages.Selected(Source) ?? DeclaredLanguage ?? _document.DefaultLanguage,
        };

    /// <summary>Free data; tags are in it.</summary>
    public JsonObject Metadata
    {
        get
        {
            if (Json["metadata"] is not JsonObject metadata)
                Json.Put("metadata", metadata = []);
            return metadata;
        }
    }

    /// <summary>The tags, such as <c>parameters</c>. Setting none removes them.</summary>
    public IReadOnlyList<string> Tags
    {
        get => Json.At("metadata", "tags") is JsonArray tags ? [.. tags.Select(t => t.AsText()).OfType<string>()] : [];
        set
        {
            if (value.Count > 0)
                Metadata.Put("tags", new JsonArray([.. value.Select(t => (JsonNode)t)]));
            else
                Metadata.Remove("tags");
        }
    }

    /// <summary>What the cell showed, as nbformat stores it. Code cells only; append through <see cref="OutputRecorder"/>.</summary>
    public JsonArray Outputs
    {
        get
        {
            RequireCode();
            if (Json["outputs"] is not JsonArray outputs)
                Json.Put("outputs", outputs = []);
            return outputs;
        }
        set
        {
            RequireCode();
            Json.Put("outputs", value);
        }
    }

    /// <summary>The number of the run that made the outputs, or null. Code cells only.</summary>
    public int? ExecutionCount
    {
        get => Json["execution_count"].AsInt();
        set
        {
            RequireCode();
            if (value != ExecutionCount || !Json.ContainsKey("execution_count"))
                Json.Put("execution_count", value);
        }
    }

    /// <summary>The language that the metadata name, whether or not the first line selects another.</summary>
    internal string? DeclaredLanguage =>
        (Json.At("metadata", "polyglot_notebook", "kernelName").AsText() ?? Json.At("metadata", "dotnet_interactive", "language").AsText())
            is { Length: > 0 } name
            ? CellLanguages.Find(name) ?? name
            : null;

    private void RequireCode()
    {
        if (Kind != CellKind.Code)
            throw new InvalidOperationException($"A {Json["cell_type"].AsText()} cell has no outputs and no execution count.");
    }

    /// <summary>The kind, language and text.</summary>
    public override string ToString() => $"[{Language}] {Source}";
}
