using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Running.Parameters;

/// <summary>The parameters of notebooks: what their cells tagged <c>parameters</c> offer, and running with other values.</summary>
public static class NotebookParameters
{
    /// <summary>A document's parameters in order; a name that several cells bind comes once.</summary>
    public static IReadOnlyList<NotebookParameter> Of(NotebookDocument document) =>
        [.. ParameterCell.All(document, ParameterCell.Tag).SelectMany(c => c.Bindings).DistinctBy(b => b.Name).Select(b => b.Parameter())];

    /// <summary>The values with which a document runs, by name: the defaults, or what an injected cell says instead.</summary>
    public static IReadOnlyDictionary<string, string> Values(NotebookDocument document)
    {
        var values = new Dictionary<string, string>();
        foreach (var binding in Bindings(document, ParameterCell.Tag).Concat(Bindings(document, ParameterCell.InjectedTag)))
            values[binding.Name] = ParameterType.Show(binding.Value);
        return values;
    }

    /// <summary>
    /// Sets parameters: after each cell that binds one of them comes a cell, tagged <c>injected-parameters</c>, that binds it anew.
    /// Such cells of an earlier run are removed. A document for which nothing is given stays as it is.
    /// </summary>
    /// <param name="document">Changed only when everything fits.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="given">Each <c>name=value</c>.</param>
    /// <exception cref="RecipesException">Names that no cell has, values of another type; all of them at once.</exception>
    public static void Set(NotebookDocument document, string file, IReadOnlyList<string> given)
    {
        if (given.Count == 0)
            return;
        var cells = ParameterCell.All(document, ParameterCell.Tag);
        var values = ParameterValues.Check(file, cells, given);
        foreach (var old in document.Cells.Where(c => c.Tags.Contains(ParameterCell.InjectedTag)).ToList())
            document.Remove(old);
        foreach (var cell in cells)
        {
            if (cell.Injected(values) is not { } source)
                continue;
            var index = document.Cells.ToList().IndexOf(cell.Cell) + 1;
            document.Insert(index, CellKind.Code, source, cell.Cell.Language).Tags = [ParameterCell.InjectedTag];
        }
    }

    private static IEnumerable<Binding> Bindings(NotebookDocument document, string tag) =>
        ParameterCell.All(document, tag).SelectMany(c => c.Bindings);
}
