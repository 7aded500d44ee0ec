using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The image encoder of CLIP alone, a vision transformer; its classes are the width of the joint embedding.</summary>
public sealed record ClipVisionSpec : ModelSpec
{
    /// <summary>Pixels a side of the image.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Pixels a side of a patch.</summary>
    public required int Patch { get; init; }

    /// <summary>Channels, a multiple of 64.</summary>
    public required int Width { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>The feed-forward's activation: QuickGELU in OpenAI's models, GELU in later ones.</summary>
    public Activation Activation { get; init; } = Activation.QuickGelu;

    /// <summary>Whether the projection has a bias, as in timm's port.</summary>
    /// <value>Default false.</value>
    public bool HeadBias { get; init; }

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.Clip(ImageSize);

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new ClipVision(this);
}
