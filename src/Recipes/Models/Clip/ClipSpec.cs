using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>OpenAI's CLIP with a vision transformer (arXiv 2103.00020). Entry points: <see cref="Clip"/>.</summary>
public sealed record ClipSpec : ImageTextSpec
{
    /// <summary>Pixels a side of the image.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Pixels a side of a patch.</summary>
    public required int Patch { get; init; }

    /// <summary>Channels of the image encoder, a multiple of 64.</summary>
    public required int VisionWidth { get; init; }

    /// <summary>Layers of the image encoder.</summary>
    public required int VisionLayers { get; init; }

    /// <summary>The text encoder and the joint embedding.</summary>
    public required ClipTextSpec Text { get; init; }

    /// <summary>The image encoder alone, for example the one of LLaVA-1.5.</summary>
    [JsonIgnore]
    public ClipVisionSpec Vision =>
        new()
        {
            Name = $"{Name}_image",
            Classes = Text.Embedding,
            ImageSize = ImageSize,
            Patch = Patch,
            Width = VisionWidth,
            Layers = VisionLayers,
            Activation = Text.Activation,
        };

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Vocabulary => Text.Vocabulary;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Context => Text.Context;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Embedding => Text.Embedding;

    /// <inheritdoc/>
    public override int Resolution => ImageSize;

    /// <inheritdoc/>
    public override Clip Build(long seed = 0) => (Clip)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new Clip(this);
}
