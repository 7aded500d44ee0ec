namespace Recipes.Reproductions;

/// <summary>The values that one run uses: a scale's defaults, overridden by <c>--set</c>. Immutable.</summary>
public sealed class Settings
{
    private readonly SortedDictionary<string, string> _values;

    private Settings(Scale scale, long seed, SortedDictionary<string, string> values)
    {
        (Scale, Seed, _values) = (scale, seed, values);
    }

    /// <summary>The scale.</summary>
    public Scale Scale { get; }

    /// <summary>The first seed.</summary>
    public long Seed { get; }

    /// <summary>All values as text, by name.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The value of a setting.</summary>
    public T Get<T>(Setting<T> setting) => setting.Parse(_values[setting.Name]);

    /// <summary>A number by scale.</summary>
    public T Pick<T>(T smoke, T laptop, T paper) =>
        Scale switch
        {
            Scale.Smoke => smoke,
            Scale.Laptop => laptop,
            _ => paper,
        };

    /// <summary>Checks all overrides and reports every problem at once.</summary>
    /// <param name="known">The reproduction's settings.</param>
    /// <param name="scale">Chooses the defaults.</param>
    /// <param name="seed">The first seed.</param>
    /// <param name="overrides">Pairs <c>name=value</c>.</param>
    /// <exception cref="RecipesException">Unknown names (the nearest is named), values of a wrong type, a name given twice.</exception>
    public static Settings Create(IReadOnlyList<Setting> known, Scale scale, long seed, IEnumerable<string> overrides)
    {
        var values = new SortedDictionary<string, string>(
            known.ToDictionary(s => s.Name, s => s.DefaultAt(scale), StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        var problems = new List<string>();
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in overrides)
        {
            var (name, value) = text.Split('=', 2) is [var n, var v] ? (n.Trim(), v.Trim()) : (text, "");
            if (!text.Contains('=', StringComparison.Ordinal))
                problems.Add($"'{text}': expected name=value");
            else if (known.FirstOrDefault(s => s.Name == name) is not { } setting)
                problems.Add($"'{name}' is unknown{Nearest.Hint(name, values.Keys)}");
            else if (!given.Add(name))
                problems.Add($"{name} is given twice");
            else if (setting.Problem(value) is { } problem)
                problems.Add(problem);
            else
                values[name] = value;
        }
        if (problems.Count > 0)
            problems.Add("known: " + string.Join(", ", known.Select(s => $"{s.Name} ({s.Expects})")));
        RecipesException.ThrowIfAny("--set has values that cannot be used:", problems);
        return new Settings(scale, seed, values);
    }
}
