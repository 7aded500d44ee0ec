using System.Text.Json.Serialization;
using Recipes.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A contrastive captioner (CoCa, arXiv 2205.01917) on any encoder of images that has tokens. Entry points: <see cref="CoCa.Mini"/>,
/// <see cref="CoCa.Of"/>.
/// </summary>
public sealed record CoCaSpec : NetworkSpec
{
    /// <summary>The image encoder: FastViT, a plain ViT, CLIP's or SigLIP's. Its head stays unused.</summary>
    public required ModelSpec Image { get; init; }

    /// <summary>Pixels a side of the images.</summary>
    public required int ImageSize { get; init; }

    /// <summary>V, known tokens.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The most tokens of a caption, start and end included.</summary>
    /// <value>Default 77.</value>
    public int Context { get; init; } = 77;

    /// <summary>D, width of the decoders.</summary>
    /// <value>Default 768.</value>
    public int Width { get; init; } = 768;

    /// <summary>Attention heads, which share D.</summary>
    /// <value>Default 12.</value>
    public int Heads { get; init; } = 12;

    /// <summary>Layers that see the caption alone; the text embedding is taken behind them.</summary>
    /// <value>Default 12.</value>
    public int TextLayers { get; init; } = 12;

    /// <summary>Layers behind them that also see the image.</summary>
    /// <value>Default 12.</value>
    public int Layers { get; init; } = 12;

    /// <summary>Learned queries that pool the image's tokens for the captions, besides the one for the image embedding (paper, sec. 3.2).</summary>
    /// <value>Default 256.</value>
    public int Queries { get; init; } = 256;

    /// <summary>Width of the joint embedding.</summary>
    /// <value>Default 512.</value>
    public int Embedding { get; init; } = 512;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Resolution => ImageSize;

    /// <summary>What is subtracted from images and what they are divided by.</summary>
    /// <value>Default nothing and 1, as MobileCLIP has it.</value>
    public Normalization Normalization { get; init; } = Normalization.None;

    /// <summary>What pictures go through before the network sees them: values 0 to 1, as for MobileCLIP.</summary>
    [JsonIgnore]
    public ImagePreprocessing Preprocessing => ImagePreprocessing.MobileClip(ImageSize) with { Normalization = Normalization };

    /// <inheritdoc/>
    public override CoCa Build(long seed = 0) => (CoCa)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new CoCa(this);

    /// <summary>Every size that cannot be, one line each.</summary>
    internal IEnumerable<string> Problems()
    {
        (string, int, int)[] least =
        [
            (nameof(ImageSize), ImageSize, 1),
            (nameof(Vocabulary), Vocabulary, 2),
            (nameof(Context), Context, 2),
            (nameof(Width), Width, 1),
            (nameof(Heads), Heads, 1),
            (nameof(TextLayers), TextLayers, 1),
            (nameof(Layers), Layers, 1),
            (nameof(Queries), Queries, 1),
            (nameof(Embedding), Embedding, 1),
        ];
        foreach (var (name, value, minimum) in least.Where(l => l.Item2 < l.Item3))
            yield return $"{name} is {value}; it must be {minimum} or more";
        if (Heads >= 1 && Width % Heads != 0)
            yield return $"{nameof(Width)} {Width} must be a multiple of {nameof(Heads)} {Heads}";
    }
}
