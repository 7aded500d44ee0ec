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
        ["fastvit_t8"] = FastVit.T8,
        ["fastvit_t12"] = FastVit.T12,
        ["fastvit_s12"] = FastVit.S12,
        ["fastvit_sa12"] = FastVit.SA12,
        ["fastvit_sa24"] = FastVit.SA24,
        ["fastvit_sa36"] = FastVit.SA36,
        ["fastvit_ma36"] = FastVit.MA36,
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
