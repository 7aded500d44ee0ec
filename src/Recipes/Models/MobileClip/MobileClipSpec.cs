using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>MobileCLIP (arXiv 2311.17049): an image encoder and a text encoder with one joint embedding. Entry points: <see cref="MobileClip"/>.</summary>
public sealed record MobileClipSpec : ImageTextSpec
{
    /// <summary>The image encoder; its classes are the width of the joint embedding.</summary>
    public required ModelSpec Image { get; init; }

    /// <summary>The text encoder.</summary>
    public required TextEncoderSpec Text { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Vocabulary => Text.Vocabulary;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Context => Text.Context;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Embedding => Image.Classes;

    /// <inheritdoc/>
    public override int Resolution => Image.Resolution;

    /// <inheritdoc/>
    public override MobileClip Build(long seed = 0) => (MobileClip)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new MobileClip(this);
}
