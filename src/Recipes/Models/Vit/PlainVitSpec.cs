using System.Text.Json.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A plain vision transformer (arXiv 2010.11929; mean of the tokens instead of a class token), the peer that convolutional
/// networks of equal cost are compared with. Entry point: <c>PlainVit.Near</c>.
/// </summary>
public sealed record PlainVitSpec : ModelSpec
{
    /// <summary>Pixels a side of the image.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Pixels a side of a patch.</summary>
    public required int Patch { get; init; }

    /// <summary>Channels D, a multiple of the heads.</summary>
    public required int Width { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads, which share the channels.</summary>
    public required int Heads { get; init; }

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string OutputName => "logits";

    /// <summary>Patches T of an image.</summary>
    [JsonIgnore]
    public long Tokens => (long)(ImageSize / Patch) * (ImageSize / Patch);

    /// <summary>Multiply-accumulates for one image: patches, 12·D² a token and 2·T²·D a layer, head.</summary>
    [JsonIgnore]
    public long Macs => Tokens * Width * (3L * Patch * Patch + Layers * (12L * Width + 2 * Tokens)) + (long)Width * Classes;

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new PlainVit(this);
}
