using System.Text.RegularExpressions;

namespace Recipes.Models;

/// <summary>From the official names of MobileCLIP to those of open_clip, under which its second set of checkpoints is published.</summary>
public static partial class OpenClipNames
{
    private const string Image = "image_encoder.model.";
    private const string Text = "text_encoder.";

    /// <summary>The open_clip name of a tensor of MobileCLIP.</summary>
    public static ForeignName MobileClip(string official, ModelSpec image)
    {
        if (official.StartsWith(Text, StringComparison.Ordinal))
            return new ForeignName("text." + TextEncoder(official[Text.Length..]));
        if (!official.StartsWith(Image, StringComparison.Ordinal))
            return new ForeignName(official);
        var rest = official[Image.Length..];
        return TimmNames.Image(rest, image).Behind("visual.trunk.");
    }

    private static string TextEncoder(string official) =>
        official switch
        {
            "embedding_layer.weight" => "token_embedding.weight",
            "positional_embedding.pos_embed.pos_embed" => "positional_embedding",
            "projection_layer" => "text_projection",
            _ => Norm()
                .Replace(
                    Layer().Replace(official, m => $"transformer.resblocks.{m.Groups[1].Value}.{Part(m.Groups[2].Value)}"),
                    "ln_final"
                ),
        };

    private static string Part(string official) =>
        official switch
        {
            "pre_norm_mha.0.weight" => "ln_1.weight",
            "pre_norm_mha.0.bias" => "ln_1.bias",
            "pre_norm_mha.1.qkv_proj.weight" => "attn.in_proj_weight",
            "pre_norm_mha.1.qkv_proj.bias" => "attn.in_proj_bias",
            _ => official
                .Replace("pre_norm_mha.1.out_proj", "attn.out_proj", StringComparison.Ordinal)
                .Replace("pre_norm_ffn.0", "ln_2", StringComparison.Ordinal)
                .Replace("pre_norm_ffn.1", "mlp.c_fc", StringComparison.Ordinal)
                .Replace("pre_norm_ffn.4", "mlp.c_proj", StringComparison.Ordinal),
        };

    [GeneratedRegex(@"^transformer\.(\d+)\.(.+)$")]
    private static partial Regex Layer();

    [GeneratedRegex("^final_layer_norm")]
    private static partial Regex Norm();
}
