namespace Recipes.Models;

/// <summary>Every spec of the papers by its usual name.</summary>
public static class Zoo
{
    private static readonly Dictionary<string, Func<int?, NetworkSpec>> Specs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["mobileone_s0"] = classes => Models.MobileOne.S0(classes ?? 1000),
        ["mobileone_s1"] = classes => Models.MobileOne.S1(classes ?? 1000),
        ["mobileone_s2"] = classes => Models.MobileOne.S2(classes ?? 1000),
        ["mobileone_s3"] = classes => Models.MobileOne.S3(classes ?? 1000),
        ["mobileone_s4"] = classes => Models.MobileOne.S4(classes ?? 1000),
        ["mobileone_mini"] = classes => Models.MobileOne.Mini(classes ?? 1000),
        ["fastvit_t8"] = classes => Models.FastVit.T8(classes ?? 1000),
        ["fastvit_t12"] = classes => Models.FastVit.T12(classes ?? 1000),
        ["fastvit_s12"] = classes => Models.FastVit.S12(classes ?? 1000),
        ["fastvit_sa12"] = classes => Models.FastVit.SA12(classes ?? 1000),
        ["fastvit_sa24"] = classes => Models.FastVit.SA24(classes ?? 1000),
        ["fastvit_sa36"] = classes => Models.FastVit.SA36(classes ?? 1000),
        ["fastvit_ma36"] = classes => Models.FastVit.MA36(classes ?? 1000),
        ["mci0"] = width => Mci.Mci0(width ?? 512),
        ["mci1"] = width => Mci.Mci1(width ?? 512),
        ["mci2"] = width => Mci.Mci2(width ?? 512),
        ["mci3"] = width => Mci.Mci3(width ?? 768),
        ["mci4"] = width => Mci.Mci4(width ?? 768),
        ["fastvithd"] = width => Mci.FastVitHd(width ?? 768),
        ["mobileclip_s0"] = _ => Models.MobileClip.S0,
        ["mobileclip_s1"] = _ => Models.MobileClip.S1,
        ["mobileclip_s2"] = _ => Models.MobileClip.S2,
        ["mobileclip_b"] = _ => Models.MobileClip.B,
        ["mobileclip2_s0"] = _ => Models.MobileClip2.S0,
        ["mobileclip2_s2"] = _ => Models.MobileClip2.S2,
        ["mobileclip2_b"] = _ => Models.MobileClip2.B,
        ["mobileclip2_s3"] = _ => Models.MobileClip2.S3,
        ["mobileclip2_s4"] = _ => Models.MobileClip2.S4,
        ["mobileclip2_l_14"] = _ => Models.MobileClip2.L14,
        ["clip_vit_b_16"] = _ => Models.Clip.VitB16,
        ["clip_vit_l_14"] = _ => Models.Clip.VitL14,
        ["clip_vit_l_14_336"] = _ => Models.Clip.VitL14At336,
        ["clip_vit_b_16_image"] = width => Models.Clip.VitB16.Vision with { Classes = width ?? 512 },
        ["clip_vit_l_14_image"] = width => Models.Clip.VitL14.Vision with { Classes = width ?? 768 },
        ["clip_vit_l_14_336_image"] = width => Models.Clip.VitL14At336.Vision with { Classes = width ?? 768 },
        ["siglip_so400m_14_384"] = _ => Siglip.So400M(),
        ["qwen2_0.5b"] = _ => Models.Qwen2.B05(),
        ["qwen2_1.5b"] = _ => Models.Qwen2.B15(),
        ["qwen2_7b"] = _ => Models.Qwen2.B7(),
        ["openlm_160m"] = _ => Models.OpenLm.M160(),
        ["openlm_410m"] = _ => Models.OpenLm.M410(),
        ["openlm_1b"] = _ => Models.OpenLm.B1(),
        ["openlm_3b"] = _ => Models.OpenLm.B3(),
        ["openlm_7b"] = _ => Models.OpenLm.B7(),
        ["fastvlm_0.5b"] = _ => Models.FastVlm.B05(),
        ["fastvlm_1.5b"] = _ => Models.FastVlm.B15(),
        ["fastvlm_7b"] = _ => Models.FastVlm.B7(),
        ["fct_resnet18"] = classes => ResNet.R18(classes ?? 1000),
        ["fct_resnet50"] = classes => ResNet.R50(classes ?? 1000),
        ["fct_resnet101"] = classes => ResNet.R101(classes ?? 1000),
        ["fct_wide_resnet50_2"] = classes => ResNet.Wide50(classes ?? 1000),
        ["fct_transformation"] = _ => new FctTransformationSpec { Name = "fct_transformation" },
        ["vit_b_16"] = classes => PlainVit.B16(classes: classes ?? 1000),
        ["vit_l_16"] = classes => PlainVit.L16(classes: classes ?? 1000),
        ["mae_vit_b_16"] = _ => MaeSpec.Of(PlainVit.B16()),
        ["mae_vit_l_16"] = _ => MaeSpec.Of(PlainVit.L16()),
        ["upernet_mci0"] = classes => DenseNetworkSpec.UPerNet(Mci.Mci0(), classes ?? 150),
        ["upernet_mci1"] = classes => DenseNetworkSpec.UPerNet(Mci.Mci1(), classes ?? 150),
        ["upernet_mci2"] = classes => DenseNetworkSpec.UPerNet(Mci.Mci2(), classes ?? 150),
        ["upernet_clip_vit_b_16"] = classes => DenseNetworkSpec.UPerNet(Models.Clip.VitB16.Vision, classes ?? 150),
        ["dpt_mci2"] = _ => DenseNetworkSpec.Dpt(Mci.Mci2()),
        ["dpt_clip_vit_b_16"] = _ => DenseNetworkSpec.Dpt(Models.Clip.VitB16.Vision),
        ["sam_vit_b"] = _ => Models.Sam.VitB,
        ["sam_vit_l"] = _ => Models.Sam.VitL,
        ["sam_vit_h"] = _ => Models.Sam.VitH,
    };

    /// <summary>The known names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Specs.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The names of networks with one image in and one vector out, which recipes can train, in order.</summary>
    public static IReadOnlyList<string> TrainableNames { get; } = [.. Names.Where(n => OneVector(Specs[n](null)) is not null)];

    /// <summary>MobileOne by its variant: s0, s1, s2, s3, s4, mini.</summary>
    public static MobileOneSpec MobileOne(string variant) => Variant<MobileOneSpec>("mobileone", variant);

    /// <summary>FastViT by its variant: t8, t12, s12, sa12, sa24, sa36, ma36.</summary>
    public static FastVitSpec FastVit(string variant) => Variant<FastVitSpec>("fastvit", variant);

    /// <summary>MobileCLIP by its variant: s0, s1, s2, b.</summary>
    public static MobileClipSpec MobileClip(string variant) => Variant<MobileClipSpec>("mobileclip", variant);

    /// <summary>MobileCLIP2 by its variant: s0, s2, b, s3, s4, l_14.</summary>
    public static MobileClip2Spec MobileClip2(string variant) => Variant<MobileClip2Spec>("mobileclip2", variant);

    /// <summary>OpenAI's CLIP by its variant: vit_b_16, vit_l_14, vit_l_14_336.</summary>
    public static ClipSpec Clip(string variant) => Variant<ClipSpec>("clip", variant);

    /// <summary>FastVLM by its size: 0.5b, 1.5b, 7b.</summary>
    public static FastVlmSpec FastVlm(string size) => Variant<FastVlmSpec>("fastvlm", size);

    /// <summary>SAM by its encoder: vit_b, vit_l, vit_h.</summary>
    public static SamSpec Sam(string variant) => Variant<SamSpec>("sam", variant);

    /// <summary>Qwen2 by its size: 0.5b, 1.5b, 7b.</summary>
    public static Qwen2Spec Qwen2(string size) => Variant<Qwen2Spec>("qwen2", size);

    /// <summary>OpenLM by its size: 160m, 410m, 1b, 3b, 7b.</summary>
    public static OpenLmSpec OpenLm(string size) => Variant<OpenLmSpec>("openlm", size);

    /// <summary>The spec of a name, of a network of any signature.</summary>
    /// <param name="name">The usual name.</param>
    /// <param name="classes">Width of the last layer; the paper's when null.</param>
    /// <exception cref="RecipesException">The name is unknown, the nearest is named; or the network has no classes to choose.</exception>
    public static NetworkSpec Network(string name, int? classes = null)
    {
        var spec = Find(name)(classes);
        return classes is { } count && (spec as ModelSpec)?.Classes != count
            ? throw new RecipesException($"model '{name}' has no classes to choose: {count} is not possible. Leave the number out.")
            : spec;
    }

    /// <summary>The spec of a name, of a network with one image in and one vector out.</summary>
    /// <param name="name">The usual name.</param>
    /// <param name="classes">Width of the last layer; the paper's when null.</param>
    /// <exception cref="RecipesException">The name is unknown, or the network has another signature.</exception>
    public static ModelSpec Spec(string name, int? classes = null) =>
        OneVector(Network(name, OneVector(Find(name)(null)) is null ? null : classes))
        ?? throw new RecipesException(
            $"model '{name}' has several inputs or outputs, or predicts for each place; here one with one image in and one vector out is needed: {string.Join(", ", TrainableNames)}."
        );

    private static T Variant<T>(string family, string variant)
        where T : NetworkSpec
    {
        var name = $"{family}_{variant.Replace('-', '_')}";
        if (Specs.TryGetValue(name, out var build) && build(null) is T spec)
            return spec;
        var known = Names
            .Where(n => n.StartsWith(family + "_", StringComparison.Ordinal) && Specs[n](null) is T)
            .Select(n => n[(family.Length + 1)..])
            .ToList();
        throw new RecipesException($"{family} has no variant '{variant}'{Nearest.End(variant, known)} Known: {string.Join(", ", known)}.");
    }

    private static ModelSpec? OneVector(NetworkSpec spec) => spec is DenseNetworkSpec ? null : spec as ModelSpec;

    private static Func<int?, NetworkSpec> Find(string name) =>
        Specs.GetValueOrDefault(name)
        ?? throw new RecipesException($"model '{name}' is not in the zoo{Nearest.End(name, Names)} Known: {string.Join(", ", Names)}.");
}
