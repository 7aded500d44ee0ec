using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting;

namespace Recipes.Notebook.Cells.Languages;

/// <summary><c>#r</c> of C# cells: by <see cref="CellReferences.Resolve"/>.</summary>
internal sealed class CellReferenceResolver : MetadataReferenceResolver
{
    public override bool ResolveMissingAssemblies => true;

    public override PortableExecutableReference? ResolveMissingAssembly(MetadataReference definition, AssemblyIdentity referenceIdentity)
    {
        var folder = definition is PortableExecutableReference { FilePath: { } path }
            ? Path.GetDirectoryName(path)!
            : Environment.CurrentDirectory;
        return CellReferences.Resolve(referenceIdentity.Name + ".dll", folder) is { } found
            ? MetadataReference.CreateFromFile(found)
            : null;
    }

    public override ImmutableArray<PortableExecutableReference> ResolveReference(
        string reference,
        string? baseFilePath,
        MetadataReferenceProperties properties
    ) =>
        CellReferences.Resolve(reference, Environment.CurrentDirectory) is { } path
            ? [MetadataReference.CreateFromFile(path, properties, Documentation.Of(path))]
            : [];

    public override bool Equals(object? other) => other is CellReferenceResolver;

    public override int GetHashCode() => 1;
}
