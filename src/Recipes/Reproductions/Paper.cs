namespace Recipes.Reproductions;

/// <summary>A reproduced paper.</summary>
/// <param name="Name">The reproduction's name in the command, for example <c>mobileone</c>.</param>
/// <param name="Title">The paper's title.</param>
/// <param name="Reference">Venue and arXiv number.</param>
/// <param name="Verbs">The verbs that the reproduction uses.</param>
public sealed record Paper(string Name, string Title, string Reference, IReadOnlyList<string> Verbs);

/// <summary>The papers that this version reproduces.</summary>
public static class Papers
{
    /// <summary>MobileOne: over-parameterised training, one convolution a block at inference.</summary>
    public static Paper MobileOne { get; } =
        new("mobileone", "MobileOne: An Improved One millisecond Mobile Backbone", "CVPR 2023, arXiv 2206.04040", ["reparameterize"]);

    /// <summary>FastViT: token mixing that folds into one convolution, large kernels, attention where maps are small.</summary>
    public static Paper FastVit { get; } =
        new(
            "fastvit",
            "FastViT: A Fast Hybrid Vision Transformer using Structural Reparameterization",
            "ICCV 2023, arXiv 2303.14189",
            ["reparameterize"]
        );

    /// <summary>FastVLM: an image encoder of few tokens, so that the language model's prompt is short.</summary>
    public static Paper FastVlm { get; } =
        new("fastvlm", "FastVLM: Efficient Vision Encoding for Vision Language Models", "CVPR 2025, arXiv 2412.13303", ["reparameterize"]);

    /// <summary>MobileCLIP: mobile image and text encoders, trained from a reinforced data set.</summary>
    public static Paper MobileClip { get; } =
        new(
            "mobileclip",
            "MobileCLIP: Fast Image-Text Models through Multi-Modal Reinforced Training",
            "CVPR 2024, arXiv 2311.17049",
            ["reinforce", "distill", "caption", "reparameterize"]
        );

    /// <summary>CLIP with Quality Captions: what captions of a better kind do for segmentation and depth.</summary>
    public static Paper ClipQualityCaptions { get; } =
        new(
            "clip-quality-captions",
            "CLIP with Quality Captions: A Strong Pretraining for Vision Tasks",
            "arXiv 2405.08911",
            ["reinforce", "caption", "fine-tune"]
        );
}
