using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>How embeddings are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmbeddingPrecision>))]
public enum EmbeddingPrecision
{
    /// <summary>bfloat16 in a .pth.gz for PyTorch: half the bytes.</summary>
    Bfloat16,

    /// <summary>float32 in a .npz for numpy.</summary>
    Float32,
}

/// <summary>How a reinforced sample becomes files.</summary>
public sealed record ReinforcedLayout
{
    /// <summary>Type and format of the embeddings.</summary>
    /// <value>bfloat16.</value>
    public EmbeddingPrecision Precision { get; init; } = EmbeddingPrecision.Bfloat16;

    /// <summary>
    /// The layout of the published sets: the synthetic captions' rows follow the captions' in <c>text_emb</c>, and <c>param_aug</c> is JSON in
    /// a string.
    /// </summary>
    /// <value>false: synthetic captions have arrays of their own.</value>
    public bool Older { get; init; }
}

// The names of files, keys and arrays.
internal static class ReinforcedNames
{
    public const string Caption = "txt";
    public const string Url = "url.txt";
    public const string Augmentations = "paug.json";
    public const string Synthetic = "syn.json";
    public const string Rest = "json";
    public const string Numpy = "npz";
    public const string PyTorch = "pth.gz";
    public const string AugmentationsKey = "param_aug";
    public const string ImageRows = "image_emb";
    public const string TextRows = "text_emb";
    public const string RowsEnding = "_emb";
    public const string CaptionsKey = "captions";

    /// <summary>Endings of picture files.</summary>
    public static readonly string[] Images = ["jpg", "jpeg", "png", "webp", "bmp", "gif"];

    /// <summary>Whether a key of syn.json names captions.</summary>
    public static bool IsSynthetic(string key) => key.StartsWith("syn_text", StringComparison.Ordinal) || key.Contains("_captions");
}
