using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Any encoder of images beside any encoder of captions. Entry point: <see cref="TwoTowers.Of"/>.</summary>
public sealed record TwoTowersSpec : ImageTextSpec
{
    /// <summary>The image encoder; its classes are the width of the joint embedding.</summary>
    public required ModelSpec Image { get; init; }

    /// <summary>The text encoder.</summary>
    public required TextSpec Text { get; init; }

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
    public override TwoTowers Build(long seed = 0) => (TwoTowers)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new TwoTowers(this);
}
