namespace Recipes.Notebook.Documents;

/// <summary>A file format of documents.</summary>
/// <param name="Extension">With its dot.</param>
/// <param name="Read">Path for messages, and the file's bytes.</param>
/// <param name="Write">The whole file.</param>
internal sealed record DocumentFormat(string Extension, Func<string, byte[], NotebookDocument> Read, Action<NotebookDocument, Stream> Write)
{
    private static readonly DocumentFormat[] All =
    [
        new(".ipynb", IpynbFile.Read, IpynbFile.Write),
        new(".dib", DibFile.Read, DibFile.Write),
        new(".csx", (path, bytes) => ScriptFile.Read(path, bytes, CellLanguages.CSharp), new ScriptFile(CellLanguages.CSharp).Write),
        new(".fsx", (path, bytes) => ScriptFile.Read(path, bytes, CellLanguages.FSharp), new ScriptFile(CellLanguages.FSharp).Write),
    ];

    /// <summary>The format of a path's extension.</summary>
    /// <exception cref="RecipesException">Unknown.</exception>
    public static DocumentFormat Of(string path)
    {
        var extension = Path.GetExtension(path);
        var known = All.Select(f => f.Extension).ToArray();
        return All.FirstOrDefault(f => f.Extension.Equals(extension, StringComparison.OrdinalIgnoreCase))
            ?? throw new RecipesException(
                $"{path}: "
                    + (extension.Length == 0 ? "has no extension" : $"extension '{extension}' is unknown{Nearest.Hint(extension, known)}")
                    + $". Known: {string.Join(", ", known)}."
            );
    }
}
