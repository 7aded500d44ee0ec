using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>The kernel of a resize. Both widen when a picture shrinks, so that nothing aliases.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResizeFilter>))]
public enum ResizeFilter
{
    /// <summary>Triangle, 1 pixel wide on each side.</summary>
    Bilinear,

    /// <summary>Cubic with a = -0.5, 2 pixels wide on each side.</summary>
    Bicubic,
}
