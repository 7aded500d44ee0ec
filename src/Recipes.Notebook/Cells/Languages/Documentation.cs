using Microsoft.CodeAnalysis;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>The XML documentation beside an assembly, read when first asked for.</summary>
internal static class Documentation
{
    public static DocumentationProvider Of(string assembly) =>
        XmlDocumentationProvider.CreateFromFile(Path.ChangeExtension(assembly, ".xml"));
}
