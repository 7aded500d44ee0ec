using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// FastVLM (arXiv 2412.13303): an image encoder, a connector and a language model. Entry points: <see cref="FastVlm.B05"/>,
/// <see cref="FastVlm.B15"/>, <see cref="FastVlm.B7"/>.
/// </summary>
public sealed record FastVlmSpec : NetworkSpec
{
    /// <summary>The image encoder; its feature map becomes the tokens, its projection stays unused.</summary>
    /// <value>Default FastViTHD.</value>
    public FastVitSpec Vision { get; init; } = Mci.FastVitHd();

    /// <summary>The language model.</summary>
    public required Qwen2Spec Language { get; init; }

    /// <summary>Pixels a side of the image.</summary>
    /// <value>Default 1024.</value>
    public int ImageSize { get; init; } = 1024;

    /// <summary>The most tokens of a row, image tokens among them; what is longer is cut at the end.</summary>
    /// <value>Default 8192.</value>
    public int Context { get; init; } = 8192;

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <summary>Parameters of the connector, (C + 1)·H + (H + 1)·H.</summary>
    public long Connector => (Vision.FeatureWidth + 1L) * Language.Width + (Language.Width + 1L) * Language.Width;

    /// <summary>Tokens of an image of this many pixels a side, ⌈R / stride⌉².</summary>
    public int ImageTokens(int resolution) => MapSide(resolution) * MapSide(resolution);

    /// <summary>A side of the encoder's feature map, ⌈R / stride⌉.</summary>
    internal int MapSide(int resolution) => (resolution + Vision.Stride - 1) / Vision.Stride;

    /// <summary>
    /// Multiply-accumulates of connector and language model for an image and a prompt, up to the first answer token (attention
    /// products not counted, as in the sheet's table).
    /// </summary>
    /// <param name="imageTokens">Tokens of the image or of all its tiles.</param>
    /// <param name="textTokens">Tokens of the prompt.</param>
    public long PrefillMacs(long imageTokens, long textTokens = 0) =>
        imageTokens * (Vision.FeatureWidth + Language.Width) * Language.Width + Language.Macs(imageTokens + textTokens, 1);

    /// <inheritdoc/>
    public override FastVlm Build(long seed = 0) => (FastVlm)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new FastVlm(this);
}
