using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>Which captions of an image a step sees (MobileCLIP, arXiv 2311.17049, sec. 3.2 and tab. 2).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaptionMix>))]
public enum CaptionMix
{
    /// <summary>One that came with it.</summary>
    Real,

    /// <summary>One of the synthetic ones.</summary>
    Synthetic,

    /// <summary>One of each; losses are summed.</summary>
    Both,

    /// <summary>One, real or synthetic with equal chance.</summary>
    Either,
}
