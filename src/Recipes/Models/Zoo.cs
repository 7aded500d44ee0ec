namespace Recipes.Models;

/// <summary>Every spec of the papers by its usual name.</summary>
public static class Zoo
{
    private static readonly Dictionary<string, Func<int?, NetworkSpec>> Specs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mobileone_s0"] = classes => MobileOne.S0(classes ?? 1000),
        ["mobileone_s1"] = classes => MobileOne.S1(classes ?? 1000),
        ["mobileone_s2"] = classes => MobileOne.S2(classes ?? 1000),
        ["mobileone_s3"] = classes => MobileOne.S3(classes ?? 1000),
        ["mobileone_s4"] = classes => MobileOne.S4(classes ?? 1000),
        ["mobileone_mini"] = classes => MobileOne.Mini(classes ?? 1000),
        ["fastvit_t8"] = classes => FastVit.T8(classes ?? 1000),
        ["fastvit_t12"] = classes => FastVit.T12(classes ?? 1000),
        ["fastvit_s12"] = classes => FastVit.S12(classes ?? 1000),
        ["fastvit_sa12"] = classes => FastVit.SA12(classes ?? 1000),
        ["fastvit_sa24"] = classes => FastVit.SA24(classes ?? 1000),
        ["fastvit_sa36"] = classes => FastVit.SA36(classes ?? 1000),
        ["fastvit_ma36"] = classes => FastVit.MA36(classes ?? 1000),
        ["mci0"] = width => Mci.Mci0(width ?? 512),
        ["mci1"] = width => Mci.Mci1(width ?? 512),
        ["mci2"] = width => Mci.Mci2(width ?? 512),
        ["mci3"] = width => Mci.Mci3(width ?? 768),
        ["mci4"] = width => Mci.Mci4(width ?? 768),
        ["fastvithd"] = width => Mci.FastVitHd(width ?? 768),
        ["mobileclip_s0"] = _ => MobileClip.S0,
        ["mobileclip_s1"] = _ => MobileClip.S1,
        ["mobileclip_s2"] = _ => MobileClip.S2,
        ["mobileclip_b"] = _ => MobileClip.B,
        ["clip_vit_b_16"] = _ => Clip.VitB16,
        ["clip_vit_l_14"] = _ => Clip.VitL14,
        ["clip_vit_l_14_336"] = _ => Clip.VitL14At336,
        ["siglip_so400m_14_384"] = _ => Siglip.So400M(),
        ["sam_vit_b"] = _ => Sam.VitB,
        ["sam_vit_l"] = _ => Sam.VitL,
        ["sam_vit_h"] = _ => Sam.VitH,
    };

    /// <summary>The known names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Specs.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The names of networks with one tensor in and one out, which recipes can train, in order.</summary>
    public static IReadOnlyList<string> TrainableNames { get; } = [.. Names.Where(n => Specs[n](null) is ModelSpec)];

    /// <summary>The spec of a name, of a network of any signature.</summary>
    /// <exception cref="RecipesException">The name is unknown; the nearest is named.</exception>
    public static NetworkSpec Network(string name) => Find(name)(null);

    /// <summary>The spec of a name, of a network with one tensor in and one out.</summary>
    /// <param name="name">The usual name.</param>
    /// <param name="classes">Width of the last layer; the paper's when null.</param>
    /// <exception cref="RecipesException">The name is unknown, or the network has another signature.</exception>
    public static ModelSpec Spec(string name, int? classes = null) =>
        Find(name)(classes) as ModelSpec
        ?? throw new RecipesException(
            $"model '{name}' has several inputs or outputs; here one with one image in and one vector out is needed: {string.Join(", ", TrainableNames)}."
        );

    private static Func<int?, NetworkSpec> Find(string name) =>
        Specs.GetValueOrDefault(name)
        ?? throw new RecipesException($"model '{name}' is not in the zoo{Nearest.Hint(name, Names)} Known: {string.Join(", ", Names)}.");
}
