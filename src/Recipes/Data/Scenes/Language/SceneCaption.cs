using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>Kinds of captions of a scene, from worst to best.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SceneCaption>))]
public enum SceneCaption
{
    /// <summary>The detailed caption of another scene.</summary>
    Shuffled,

    /// <summary>As on the web: often wrong, off-topic or terse; see <see cref="AltTextNoise"/>.</summary>
    AltText,

    /// <summary>The names of what is there, without attributes or relations: <c>a star and a circle</c>.</summary>
    Names,

    /// <summary>One sentence on the main object with its attributes and its nearest neighbour, as captioners learn from COCO.</summary>
    Short,

    /// <summary>Attributes, relations, background and what is written.</summary>
    Detailed,
}
