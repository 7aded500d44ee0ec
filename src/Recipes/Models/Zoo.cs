namespace Recipes.Models;

/// <summary>Every spec of the papers by its usual name.</summary>
public static class Zoo
{
    private static readonly Dictionary<string, Func<int, ModelSpec>> Specs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mobileone_s0"] = MobileOne.S0,
        ["mobileone_s1"] = MobileOne.S1,
        ["mobileone_s2"] = MobileOne.S2,
        ["mobileone_s3"] = MobileOne.S3,
        ["mobileone_s4"] = MobileOne.S4,
        ["mobileone_mini"] = classes => MobileOne.Mini(classes),
    };

    /// <summary>The known names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Specs.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The spec of a name.</summary>
    /// <exception cref="RecipesException">The name is unknown; the nearest is named.</exception>
    public static ModelSpec Spec(string name, int classes = 1000) =>
        Specs.TryGetValue(name, out var spec)
            ? spec(classes)
            : throw new RecipesException($"model '{name}' is not in the zoo{Nearest.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
}
