using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running.Parameters;

// A cell tagged `parameters`, or one that a run injected after it: the literals that it binds.
internal sealed class ParameterCell(NotebookCell cell)
{
    public const string Tag = "parameters";
    public const string InjectedTag = "injected-parameters";

    public NotebookCell Cell { get; } = cell;

    public IReadOnlyList<Binding> Bindings { get; } = IsFSharp(cell) ? FSharpBindings.Of(cell.Source) : CSharpBindings.Of(cell.Source);

    /// <summary>The cells of a document that bear one of the two tags.</summary>
    public static IReadOnlyList<ParameterCell> All(NotebookDocument document, string tag) =>
        [
            .. document
                .Cells.Where(c =>
                    c.Kind == CellKind.Code && c.Language is CellLanguages.CSharp or CellLanguages.FSharp && c.Tags.Contains(tag)
                )
                .Select(c => new ParameterCell(c)),
        ];

    /// <summary>A cell that binds the given names of this one anew, or null when none of them is of this one.</summary>
    public string? Injected(IReadOnlyDictionary<string, string> values)
    {
        var fsharp = IsFSharp(Cell);
        var lines = Bindings
            .Where(b => values.ContainsKey(b.Name))
            .DistinctBy(b => b.Name)
            .Select(b => (b.Name, b.Type, Literal: b.Type.Literal(b.Type.Read(values[b.Name])!, fsharp)))
            .Select(b => fsharp ? $"let {b.Name} = {b.Literal}" : $"{b.Type.Name} {b.Name} = {b.Literal};")
            .ToList();
        return lines.Count == 0 ? null : string.Join('\n', lines.Prepend("// Parameters of this run"));
    }

    private static bool IsFSharp(NotebookCell cell) => cell.Language == CellLanguages.FSharp;
}
