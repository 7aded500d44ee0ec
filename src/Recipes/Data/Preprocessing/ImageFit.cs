using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>How a picture of any sides becomes a square.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageFit>))]
public enum ImageFit
{
    /// <summary>The shorter side is resized, the middle of the longer one is kept.</summary>
    CenterCrop,

    /// <summary>Put in the middle of a square of the background's colour, then resized (LLaVA).</summary>
    Pad,

    /// <summary>Both sides are resized, whatever their ratio.</summary>
    Squash,

    /// <summary>The longer side is resized; right and below is filled with zeros after normalisation (SAM).</summary>
    LongestSide,
}
