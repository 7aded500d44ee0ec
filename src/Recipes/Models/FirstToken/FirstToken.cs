using Recipes.Data;

namespace Recipes.Models;

/// <summary>
/// What has to be computed between an image and the first token of the answer (the paper's TTFT): the encoder on every crop, the
/// connector, the language model over all image tokens. Text adds the same to all models and is left out, as in the sheet's tables.
/// </summary>
/// <param name="Name">What charts and tables call it.</param>
/// <param name="Tower">The encoder and its resolution.</param>
/// <param name="Crops">Images that the encoder sees: 1, or the tiles and the overview.</param>
/// <param name="Language">The language model.</param>
public sealed record FirstToken(string Name, VisionTower Tower, int Crops, Qwen2Spec Language)
{
    /// <summary>FastVLM with one image of this many pixels a side (static resolution).</summary>
    public static FirstToken FastVlm(FastVlmSpec model, int resolution) => FastVlm(Title(model), model.Language, resolution, 1);

    /// <summary>FastVLM with a grid of tiles of this many pixels a side, and the overview (AnyRes).</summary>
    public static FirstToken FastVlm(FastVlmSpec model, int resolution, TileGrid grid) =>
        FastVlm(Title(model), model.Language, resolution, grid.Tiles + 1);

    /// <summary>FastVLM over resolutions: one image each, then grids of 2x2 tiles each.</summary>
    public static IEnumerable<FirstToken> Sweep(FastVlmSpec model, IEnumerable<int> whole, IEnumerable<int> tiles) =>
        whole.Select(r => FastVlm(model, r)).Concat(tiles.Select(r => FastVlm(model, r, new TileGrid(2, 2))));

    /// <summary>FastVLM in LLaVA-1.5's setup, with Vicuna-7B (tab. 6, R15 to R19).</summary>
    public static FirstToken FastVlmVicuna(int resolution) => FastVlm("FastVLM Vicuna-7B", Qwen2.Vicuna7B(), resolution, 1);

    /// <summary>LLaVA-1.5: ViT-L/14 at 336 pixels, 576 tokens, Vicuna-7B. All 24 layers of the encoder run; LLaVA reads the 23rd.</summary>
    public static FirstToken Llava15 { get; } = new("LLaVA-1.5 7B", VisionTower.VitL14(336), 1, Qwen2.Vicuna7B());

    /// <summary>LLaVA-OneVision-0.5B at 1152 pixels: 3x3 tiles of 384 pixels and the overview through SigLIP-SO400M, 7,290 tokens, Qwen2-0.5B.</summary>
    public static FirstToken OneVision { get; } = new("LLaVA-OneVision 0.5B", VisionTower.So400M(384), 10, Qwen2.B05());

    /// <summary>Image tokens in the language model's row.</summary>
    public long ImageTokens => (long)Crops * Tower.Tokens;

    /// <summary>Multiply-accumulates of the encoder.</summary>
    public long EncoderMacs => Crops * Tower.Macs;

    /// <summary>Multiply-accumulates of the connector, linear, GELU, linear.</summary>
    public long ConnectorMacs => ImageTokens * (Tower.Width + Language.Width) * Language.Width;

    /// <summary>Multiply-accumulates of the language model up to the first logits, attention products included.</summary>
    public long PrefillMacs => Language.Macs(ImageTokens, 1) + Language.AttentionMacs(ImageTokens);

    /// <summary>All of them.</summary>
    public long Macs => EncoderMacs + ConnectorMacs + PrefillMacs;

    /// <summary>The same with one layer's weights for all layers of the language model (<see cref="Qwen2Spec.SharedLayer"/>).</summary>
    public FirstToken WithSharedLayer() => this with { Language = Language.WithSharedLayer() };

    // "fastvlm_0.5b" as the paper writes it.
    private static string Title(FastVlmSpec model) =>
        model.Name.StartsWith("fastvlm_", StringComparison.Ordinal)
            ? $"FastVLM {model.Name["fastvlm_".Length..].ToUpperInvariant()}"
            : model.Name;

    private static FirstToken FastVlm(string name, Qwen2Spec language, int resolution, int crops) =>
        new($"{name}, {resolution} px{(crops > 1 ? $" x {crops}" : "")}", VisionTower.FastVitHd(resolution), crops, language);
}
