using System.Text.Json.Serialization;
using Recipes.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>SigLIP's image encoder (arXiv 2303.15343), for comparison of latencies. Entry point: <see cref="Siglip.So400M"/>.</summary>
public sealed record SiglipSpec : ModelSpec
{
    /// <summary>Pixels a side of the image.</summary>
    public int ImageSize { get; init; } = 384;

    /// <summary>Pixels a side of a patch.</summary>
    public int Patch { get; init; } = 14;

    /// <summary>Channels.</summary>
    public int Width { get; init; } = 1152;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 27;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 16;

    /// <summary>Inner width of the feed-forward layers.</summary>
    public int Inner { get; init; } = 4304;

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.Siglip(ImageSize);

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new Siglip(this);
}
