using System.Text.RegularExpressions;

namespace Recipes.Models;

/// <summary>
/// From the official names of FastViT's networks to those of timm's port, under which MobileCLIP2's checkpoints hold them. timm numbers
/// stages, the official module list also what stands between them.
/// </summary>
public static partial class TimmNames
{
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

    /// <summary>The timm name of a state_dict key or module path of a network.</summary>
    public static string Of(string official, FastVitSpec spec)
    {
        var places = Places(spec);
        var name = Place().Replace(official, m => places[int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)]);
        foreach (var (from, to) in Parts)
            name = Regex.Replace(name, $@"(?<=^|\.){from}(?=\.|$)", to);
        return LayerScale().Replace(name, "$0.gamma");
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

    [GeneratedRegex(@"^network\.(\d+)")]
    private static partial Regex Place();

    [GeneratedRegex(@"layer_scale(_\d)?$")]
    private static partial Regex LayerScale();
}
