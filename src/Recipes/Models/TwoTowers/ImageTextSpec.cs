using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Recipes.Display;

namespace Recipes.Models;

/// <summary>The spec of a network of images and captions, which recipes can train; part of a recipe's canonical JSON.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "family")]
[JsonDerivedType(typeof(MobileClipSpec), "mobileclip")]
[JsonDerivedType(typeof(MobileClip2Spec), "mobileclip2")]
[JsonDerivedType(typeof(ClipSpec), "clip")]
[JsonDerivedType(typeof(TwoTowersSpec), "two_towers")]
public abstract record ImageTextSpec : NetworkSpec
{
    /// <summary>Token ids that the text encoder knows.</summary>
    [JsonIgnore]
    public abstract int Vocabulary { get; }

    /// <summary>Token ids of a caption, start and end included.</summary>
    [JsonIgnore]
    public abstract int Context { get; }

    /// <summary>Width of the joint embedding.</summary>
    [JsonIgnore]
    public abstract int Embedding { get; }

    /// <inheritdoc/>
    public override ImageTextNetwork Build(long seed = 0) => (ImageTextNetwork)base.Build(seed);

    private protected override JsonNode Json() => CanonicalJson.Of(this);
}
