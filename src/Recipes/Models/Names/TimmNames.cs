using System.Globalization;
using System.Text.RegularExpressions;

namespace Recipes.Models;

/// <summary>
/// From the official names to those of timm's ports. Of FastViT timm numbers stages, the official module list also what stands between
/// them; MobileCLIP2's checkpoints have timm's names.
/// </summary>
public static partial class TimmNames
{
    private static readonly (string Official, string Timm)[] MobileOneParts =
    [
        ("rbr_conv", "conv_kxk"),
        ("rbr_scale", "conv_scale"),
        ("rbr_skip", "identity"),
        ("se.reduce", "attn.fc1"),
        ("se.expand", "attn.fc2"),
        ("linear", "head.fc"),
    ];

    private static readonly (string Official, string Timm)[] ClipParts =
    [
        ("conv1", "patch_embed.proj"),
        ("ln_pre", "norm_pre"),
        ("transformer.resblocks", "blocks"),
        ("ln_1", "norm1"),
        ("ln_2", "norm2"),
        ("attn.out_proj", "attn.proj"),
        ("mlp.c_fc", "mlp.fc1"),
        ("mlp.c_proj", "mlp.fc2"),
        ("ln_post", "norm"),
    ];

    private static readonly (string Official, string Timm)[] VitParts =
    [
        ("pos_embed.pos_embed.pos_embed", "pos_embed"),
        ("patch_emb", "patch_embed.backbone"),
        ("block.conv", "conv"),
        ("block.norm", "bn"),
        ("pre_norm_mha.0", "norm1"),
        ("pre_norm_mha.1.qkv_proj", "attn.qkv"),
        ("pre_norm_mha.1.out_proj", "attn.proj"),
        ("pre_norm_ffn.0", "norm2"),
        ("pre_norm_ffn.1", "mlp.fc1"),
        ("pre_norm_ffn.4", "mlp.fc2"),
        ("transformer", "blocks"),
        ("post_transformer_norm", "norm"),
    ];

    private static readonly (string Official, string Timm)[] Parts =
    [
        ("rbr_conv", "conv_kxk"),
        ("rbr_scale", "conv_scale"),
        ("rbr_skip", "identity"),
        ("lkb_origin", "large_conv"),
        ("lkb_reparam", "reparam_conv"),
        ("convffn", "mlp"),
        ("reduce", "fc1"),
        ("expand", "fc2"),
        ("pe", "pos_enc"),
        ("patch_embed", "stem"),
        ("conv_exp", "final_conv"),
    ];

    /// <summary>The timm name of a tensor of FastViT.</summary>
    public static ForeignName FastVit(string official, FastVitSpec spec) =>
        official == "head.proj"
            ? new ForeignName("head.fc.weight", Transposed: true, Zero: "head.fc.bias")
            : new ForeignName(Of(official, spec));

    /// <summary>The timm name of a tensor of CLIP's image encoder.</summary>
    public static ForeignName ClipVision(string official, ClipVisionSpec spec) =>
        official switch
        {
            "proj" => new ForeignName("head.weight", Transposed: true, Zero: spec.HeadBias ? null : "head.bias"),
            "proj_bias" => new ForeignName("head.bias"),
            "class_embedding" => new ForeignName("cls_token"),
            "positional_embedding" => new ForeignName("pos_embed"),
            _ => new ForeignName(Replace(official, ClipParts).Replace("attn.in_proj_", "attn.qkv.", StringComparison.Ordinal)),
        };

    /// <summary>The timm name of a tensor of any image encoder of MobileCLIP.</summary>
    internal static ForeignName Image(string official, ModelSpec spec) =>
        spec switch
        {
            FastVitSpec fastVit => FastVit(official, fastVit),
            MobileClipVitSpec vit => MobileClipVit(official, vit),
            ClipVisionSpec clip => ClipVision(official, clip),
            _ => throw new RecipesException($"timm's names of {spec.Name} are not known."),
        };

    /// <summary>The timm name of a tensor of MobileOne.</summary>
    public static ForeignName MobileOne(string official) =>
        new(
            Replace(
                Stage().Replace(official, m => m.Groups[1].Value == "0" ? "stem" : $"stages.{int.Parse(m.Groups[1].Value, Invariant) - 1}"),
                MobileOneParts
            )
        );

    /// <summary>The timm name of a tensor of MobileCLIP-B's image encoder.</summary>
    public static ForeignName MobileClipVit(string official, MobileClipVitSpec spec) =>
        official switch
        {
            "classifier.proj" => new ForeignName("head.weight", Transposed: true, Zero: spec.HeadBias ? null : "head.bias"),
            "classifier.bias" => new ForeignName("head.bias"),
            _ => new ForeignName(Replace(official, VitParts)),
        };

    /// <summary>The timm name of a state_dict key or module path of FastViT.</summary>
    public static string Of(string official, FastVitSpec spec)
    {
        var places = Places(spec);
        var name = Replace(Place().Replace(official, m => places[int.Parse(m.Groups[1].Value, Invariant)]), Parts);
        if (spec.Head == FastVitHead.Classifier)
            name = Replace(name, [("head", "head.fc")]);
        return LayerScale().Replace(name, "$0.gamma");
    }

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    // Whole parts of a dotted name, one after the other.
    private static string Replace(string name, (string From, string To)[] parts)
    {
        foreach (var (from, to) in parts)
            name = Regex.Replace(name, $@"(?<=^|\.){Regex.Escape(from)}(?=\.|$)", to);
        return name;
    }

    // What stands at each index of the official module list.
    private static List<string> Places(FastVitSpec spec)
    {
        var places = new List<string>();
        for (var stage = 0; stage < spec.Depths.Length; stage++)
        {
            if (stage > 0)
                places.Add($"stages.{stage}.downsample");
            if (stage >= spec.Depths.Length - spec.AttentionStages)
                places.Add($"stages.{stage}.pos_emb");
            places.Add($"stages.{stage}.blocks");
        }
        return places;
    }

    [GeneratedRegex(@"^stage(\d)")]
    private static partial Regex Stage();

    [GeneratedRegex(@"^network\.(\d+)")]
    private static partial Regex Place();

    [GeneratedRegex(@"layer_scale(_\d)?$")]
    private static partial Regex LayerScale();
}
