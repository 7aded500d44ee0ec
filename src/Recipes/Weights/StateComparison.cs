namespace Recipes.Weights;

/// <summary>What a file or dictionary says about one tensor, and what the model says.</summary>
internal readonly record struct TensorForm(string Name, string Dtype, IReadOnlyList<long> Shape)
{
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>Compares given tensors with a model's, before anything is copied.</summary>
internal static class StateComparison
{
    private const int WidestColumn = 60;
    private const int MostHints = 100;

    /// <summary>One line for each difference: shapes and dtypes in the model's order, then what is missing, then what
    /// is unknown with the name that was probably meant.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<TensorForm> given, IReadOnlyList<TensorForm> model, string givenWord)
    {
        var givenByName = given.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var modelNames = model.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var unknown = given.Where(t => !modelNames.Contains(t.Name)).ToList();
        var missing = model.Where(t => !givenByName.ContainsKey(t.Name)).ToList();
        var lines = new List<(string Kind, string Name, string Finding)>();
        foreach (var wanted in model.Where(t => givenByName.ContainsKey(t.Name)))
        {
            var found = givenByName[wanted.Name];
            if (!found.Shape.SequenceEqual(wanted.Shape))
                lines.Add(("shape", wanted.Name, $"{givenWord} {found.ShapeText}   model {wanted.ShapeText}"));
            if (found.Dtype != wanted.Dtype)
                lines.Add(("dtype", wanted.Name, $"{givenWord} {found.Dtype}   model {wanted.Dtype}"));
        }
        lines.AddRange(missing.Select(t => ("missing", t.Name, "")));
        lines.AddRange(unknown.Select((t, i) => ("unknown", t.Name, i < MostHints ? Hint(t, missing, modelNames) : "")));
        var width = lines.Count == 0 ? 0 : Math.Min(WidestColumn, lines.Max(l => l.Name.Length));
        return [.. lines.Select(l => $"{l.Kind, -7}  {l.Name.PadRight(width)}   {l.Finding}".TrimEnd())];
    }

    // A key that is missing and has the same form is the likeliest, then any missing one, then any.
    private static string Hint(TensorForm unknown, List<TensorForm> missing, IReadOnlyCollection<string> all)
    {
        var alike = missing.Where(m => m.Dtype == unknown.Dtype && m.Shape.SequenceEqual(unknown.Shape)).Select(m => m.Name).ToList();
        var name =
            BySuffix(unknown.Name, alike)
            ?? Nearest.Name(unknown.Name, alike)
            ?? Nearest.Name(unknown.Name, missing.Select(m => m.Name))
            ?? Nearest.Name(unknown.Name, all);
        return name is null ? "" : $"did you mean {name}?";
    }

    // "module.fc.weight" and "fc.weight": one name is the other with a prefix.
    private static string? BySuffix(string given, List<string> names) =>
        names.FirstOrDefault(n => given.EndsWith("." + n, StringComparison.Ordinal) || n.EndsWith("." + given, StringComparison.Ordinal));
}
