namespace Recipes.Notebook.Running.Parameters;

// What the user gives as -p name=value, checked against the cells before anything runs.
internal static class ParameterValues
{
    /// <summary>The values by name.</summary>
    /// <param name="file">The notebook, for the message.</param>
    /// <param name="cells">Its parameter cells.</param>
    /// <param name="given">Each <c>name=value</c>.</param>
    /// <exception cref="RecipesException">Names that no cell has, values of another type; all of them at once.</exception>
    public static IReadOnlyDictionary<string, string> Check(string file, IReadOnlyList<ParameterCell> cells, IReadOnlyList<string> given)
    {
        var known = cells.SelectMany(c => c.Bindings).ToLookup(b => b.Name);
        var values = new Dictionary<string, string>();
        var problems = new List<string>();
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (text.Trim(), "") : (text[..at].Trim(), text[(at + 1)..]);
            if (at <= 0)
                problems.Add($"-p {text}: expected name=value");
            else if (!known.Contains(name))
                problems.Add($"-p {name}: no such parameter{Nearest.Hint(name, known.Select(k => k.Key))}");
            else if (!values.TryAdd(name, value))
                problems.Add($"-p {name}: given twice, as '{values[name]}' and '{value}'");
            else if (known[name].FirstOrDefault(b => b.Type.Read(value) is null) is { } misfit)
                problems.Add($"-p {name}: expected {Article(misfit.Type.Name)}, found '{value}'");
        }
        if (problems.Count > 0)
            problems.Add(
                known.Count == 0
                    ? "known: none. A parameter is a literal bound to a name in a cell tagged 'parameters'"
                    : $"known: {string.Join(", ", known.Select(k => $"{k.Key} ({k.First().Type.Name})"))}"
            );
        RecipesException.ThrowIfAny($"{file}: the parameters do not fit, nothing ran:", problems);
        return values;
    }

    private static string Article(string type) => type == "int" ? "an int" : $"a {type}";
}
