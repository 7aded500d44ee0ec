namespace Recipes.Notebook.Running.Parameters;

// A cell tagged `parameters`: its language and the literals that can be set.
internal sealed record ParameterCell(int Index, bool FSharp, IReadOnlyList<Binding> Bindings)
{
    public static ParameterCell Read(int index, bool fsharp, string code) =>
        new(index, fsharp, fsharp ? FSharpBindings.Of(code) : CSharpBindings.Of(code));

    /// <summary>A cell that binds the given names of this one anew, or null when none of them is of this one.</summary>
    public string? Injected(IReadOnlyDictionary<string, string> values)
    {
        var lines = Bindings
            .Where(b => values.ContainsKey(b.Name))
            .DistinctBy(b => b.Name)
            .Select(b => (b.Name, b.Type, Literal: b.Type.Literal(b.Type.Read(values[b.Name])!, FSharp)))
            .Select(b => FSharp ? $"let {b.Name} = {b.Literal}" : $"{b.Type.Name} {b.Name} = {b.Literal};")
            .ToList();
        return lines.Count == 0 ? null : string.Join('\n', lines.Prepend("// Parameters of this run"));
    }
}
