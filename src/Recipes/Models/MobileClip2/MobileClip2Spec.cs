using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>MobileCLIP2 (arXiv 2508.20691): an image encoder and a text encoder of open_clip. Entry points: <see cref="MobileClip2"/>.</summary>
public sealed record MobileClip2Spec : ImageTextSpec
{
    /// <summary>The image encoder; its classes are the width of the joint embedding.</summary>
    public required ModelSpec Image { get; init; }

    /// <summary>The text encoder.</summary>
    public required ClipTextSpec Text { get; init; }

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
    public override MobileClip2 Build(long seed = 0) => (MobileClip2)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new MobileClip2(this);
}
