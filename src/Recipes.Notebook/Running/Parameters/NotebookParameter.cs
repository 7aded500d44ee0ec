namespace Recipes.Notebook.Running.Parameters;

/// <summary>A value that a notebook can be run with: a literal of a cell tagged <c>parameters</c>.</summary>
/// <param name="Name">As the cell names it.</param>
/// <param name="Type">C#'s name of its type: <c>int</c>, <c>long</c>, <c>double</c>, <c>float</c>, <c>decimal</c>, <c>bool</c>, <c>string</c>.</param>
/// <param name="Default">As one would give it on the command line.</param>
/// <param name="Help">The comment beside or above it, or empty.</param>
public sealed record NotebookParameter(string Name, string Type, string Default, string Help);

// What the two parsers find: a literal bound to a name.
internal sealed record Binding(string Name, ParameterType Type, object? Value, string Help)
{
    public NotebookParameter Parameter() => new(Name, Type.Name, ParameterType.Show(Value), Help);
}
