using Recipes.Notebook.Cells;
using Recipes.Notebook.Cells.Execution;

namespace Recipes.Notebook.Display;

/// <summary>A value on display; it can be replaced in place, also from later cells.</summary>
public sealed class DisplayedValue
{
    internal DisplayedValue(string id) => Id = id;

    /// <summary>The display's name on the wire.</summary>
    public string Id { get; }

    /// <summary>Shows this value instead.</summary>
    public void Update(object? value) => CellContext.Current?.Outputs.Emit(new CellOutput.Update(ValueFormatter.Format(value), Id));
}
