using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>What is to be predicted at every place of a picture.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DenseTask>))]
public enum DenseTask
{
    /// <summary>A class for each pixel.</summary>
    Segmentation,

    /// <summary>A distance in metres for each pixel.</summary>
    Depth,

    /// <summary>Boxes with classes.</summary>
    Boxes,
}
