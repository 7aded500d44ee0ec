using System.Reflection;
using System.Reflection.Metadata;
using Microsoft.CodeAnalysis;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>References to assemblies that are loaded from memory and have no file.</summary>
internal static class MemoryMetadata
{
    public static unsafe MetadataReference? Of(Assembly assembly) =>
        assembly.TryGetRawMetadata(out var blob, out var length)
            ? AssemblyMetadata.Create(ModuleMetadata.CreateFromMetadata((nint)blob, length)).GetReference(display: assembly.FullName)
            : null;
}
