namespace Recipes.Models;

/// <summary>
/// The image encoders of MobileCLIP (arXiv 2311.17049) and MobileCLIP2 (arXiv 2508.20691): FastViT with GELU behind the
/// large-kernel convolutions and a projection to the joint embedding.
/// </summary>
public static class Mci
{
    /// <summary>MCi0: 11.4 M parameters, the image encoder of S0.</summary>
    public static FastVitSpec Mci0(int width = 512) => Four("mci0", width, [2, 6, 10, 2], 64);

    /// <summary>MCi1: 21.5 M parameters, the image encoder of S1.</summary>
    public static FastVitSpec Mci1(int width = 512) => Four("mci1", width, [4, 12, 20, 4], 64);

    /// <summary>MCi2: 35.7 M parameters, the image encoder of S2.</summary>
    public static FastVitSpec Mci2(int width = 512) => Four("mci2", width, [4, 12, 24, 4], 80);

    /// <summary>MCi3: 125 M parameters, five stages, the image encoder of S3; as FastViTHD but for the bias of its head.</summary>
    public static FastVitSpec Mci3(int width = 768) => Five("mci3", width, [2, 12, 24, 4, 2], 96) with { Head = FastVitHead.Embedding };

    /// <summary>MCi4: 322 M parameters, the image encoder of S4.</summary>
    public static FastVitSpec Mci4(int width = 768) => Five("mci4", width, [2, 12, 24, 4, 4], 128) with { Head = FastVitHead.Embedding };

    /// <summary>FastViTHD (FastVLM, arXiv 2412.13303): 125 M parameters, stride 64.</summary>
    public static FastVitSpec FastVitHd(int width = 768) => Five("fastvithd", width, [2, 12, 24, 4, 2], 96);

    /// <summary>
    /// A five-block MCi for pictures of 32 pixels and laptop training (not in the papers): depths 1, 1, 2, 1, a stem of stride 2, layer scales of 0.1. Its last
    /// map has four places, so it goes without attention, gates and expansion, which were measured to slow learning.
    /// </summary>
    /// <param name="width">Channels of the first stage; the others have 2, 4 and 8 times as many.</param>
    /// <param name="embedding">Width of the joint embedding.</param>
    public static FastVitSpec Mini(int width = 16, int embedding = 128) =>
        Four("mci_mini", embedding, [1, 1, 2, 1], width) with
        {
            StemStride = 2,
            LayerScale = 0.1,
            AttentionStages = 0,
            DownsampleGates = [],
            Expand = false,
        };

    private static FastVitSpec Four(string name, int embedding, int[] depths, int width) =>
        new()
        {
            Name = name,
            Classes = embedding,
            Depths = [.. depths],
            Widths = [width, 2 * width, 4 * width, 8 * width],
            MlpRatio = 3,
            AttentionStages = 1,
            DownsampleGelu = true,
            DownsampleGates = [false, true, true],
            Head = FastVitHead.Projection,
        };

    private static FastVitSpec Five(string name, int embedding, int[] depths, int width) =>
        new()
        {
            Name = name,
            Classes = embedding,
            Depths = [.. depths],
            Widths = [width, 2 * width, 4 * width, 8 * width, 16 * width],
            AttentionStages = 2,
            LayerNorm = true,
            StemScale = false,
            DownsampleGelu = true,
            Head = FastVitHead.Projection,
        };
}
