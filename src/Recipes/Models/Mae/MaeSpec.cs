using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A masked autoencoder over a plain vision transformer (He et al. 2021, arXiv 2111.06377). The encoder is a <see cref="PlainVit"/>, so that
/// what it learned goes on as a classifier, an image tower or a backbone.
/// </summary>
public sealed record MaeSpec : NetworkSpec
{
    /// <summary>The encoder; its head is not trained.</summary>
    public required PlainVitSpec Encoder { get; init; }

    /// <summary>Share of the patches that are hidden.</summary>
    /// <value>Default 0.75 (paper, sec. 4.1).</value>
    public double MaskRatio { get; init; } = 0.75;

    /// <summary>Width of the decoder.</summary>
    /// <value>Default 512 (paper, tab. 1b).</value>
    public int DecoderWidth { get; init; } = 512;

    /// <summary>Layers of the decoder.</summary>
    /// <value>Default 8 (paper, tab. 1a).</value>
    public int DecoderLayers { get; init; } = 8;

    /// <summary>Heads of the decoder, which share its width.</summary>
    /// <value>Default 16.</value>
    public int DecoderHeads { get; init; } = 16;

    /// <summary>Whether each patch's pixels are normalised by their own mean and variance before they are predicted (paper, tab. 1d).</summary>
    /// <value>Default true.</value>
    public bool NormalizedPixels { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Resolution => Encoder.ImageSize;

    /// <summary>Patches that are seen.</summary>
    [JsonIgnore]
    public long Visible => Math.Max(1, (long)Math.Round(Encoder.Tokens * (1 - MaskRatio)));

    /// <summary>The paper's autoencoder of a ViT.</summary>
    public static MaeSpec Of(PlainVitSpec encoder) => new() { Name = $"mae_{encoder.Name}", Encoder = encoder };

    /// <summary>For a small ViT: a decoder of two layers and 64 channels.</summary>
    public static MaeSpec Mini(PlainVitSpec encoder) => Of(encoder) with { DecoderWidth = 64, DecoderLayers = 2, DecoderHeads = 4 };

    /// <summary>Everything that is out of range, one line each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!(MaskRatio is > 0 and < 1))
            problems.Add($"mae.maskRatio: expected inside 0 to 1, found {MaskRatio}");
        if (DecoderWidth < 4 || DecoderWidth % 4 != 0 || DecoderHeads < 1 || DecoderWidth % Math.Max(DecoderHeads, 1) != 0)
            problems.Add($"mae.decoderWidth: expected a multiple of 4 and of the {DecoderHeads} heads, found {DecoderWidth}");
        if (DecoderLayers < 1)
            problems.Add($"mae.decoderLayers: expected at least 1, found {DecoderLayers}");
        if (Encoder.Width % 4 != 0)
            problems.Add($"mae.encoder.width: expected a multiple of 4, found {Encoder.Width}");
        return problems;
    }

    /// <inheritdoc/>
    public override Mae Build(long seed = 0) => (Mae)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => Mae.Fresh(this);
}
