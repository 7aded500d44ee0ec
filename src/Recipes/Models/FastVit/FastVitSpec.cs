using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// FastViT (arXiv 2303.14189) and the encoders that grew out of it: MobileCLIP's MCi0 to MCi4 and FastVLM's FastViTHD. Entry
/// points: <see cref="FastVit"/>, <see cref="Mci"/>.
/// </summary>
public sealed record FastVitSpec : ModelSpec
{
    /// <summary>Blocks of each stage.</summary>
    public required ImmutableArray<int> Depths { get; init; }

    /// <summary>Channels of each stage.</summary>
    public required ImmutableArray<int> Widths { get; init; }

    /// <summary>Inner width of the feed-forward layers over the stage's channels.</summary>
    /// <value>Default 4.</value>
    public double MlpRatio { get; init; } = 4;

    /// <summary>The last stages that mix by attention, with a RepCPE before each; the others by RepMixer.</summary>
    /// <value>Default 0.</value>
    public int AttentionStages { get; init; }

    /// <summary>Whether attention blocks normalise over channels instead of the batch.</summary>
    /// <value>Default false.</value>
    public bool LayerNorm { get; init; }

    /// <summary>Whether the stem's blocks have 1x1 scale branches.</summary>
    /// <value>Default true.</value>
    public bool StemScale { get; init; } = true;

    /// <summary>Whether the large-kernel convolutions of the down-samplings end in GELU. FastViT's code computes it and throws it away.</summary>
    /// <value>Default false.</value>
    public bool DownsampleGelu { get; init; }

    /// <summary>Which down-samplings have squeeze-and-excitation.</summary>
    /// <value>Default none.</value>
    public ImmutableArray<bool> DownsampleGates { get; init; } = [];

    /// <summary>Initial scale of the residual branches.</summary>
    /// <value>Default 1e-5.</value>
    public double LayerScale { get; init; } = 1e-5;

    /// <summary>Share of samples for which training leaves out a residual, in the last block; it grows from 0 in the first.</summary>
    /// <value>Default 0.</value>
    public double DropPath { get; init; }

    /// <summary>What stands behind the features; its width is <see cref="ModelSpec.Classes"/>.</summary>
    /// <value>Default a classifier.</value>
    public FastVitHead Head { get; init; } = FastVitHead.Classifier;

    /// <summary>The spec with another head.</summary>
    public FastVitSpec WithHead(FastVitHead head) => this with { Head = head };

    /// <inheritdoc/>
    public override int Resolution => 256;

    /// <summary>The share of the shorter side that is kept at evaluation.</summary>
    /// <value>Default 0.9.</value>
    [JsonIgnore]
    public double CropRatio { get; init; } = 0.9;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing Preprocessing =>
        Head == FastVitHead.Classifier ? ImagePreprocessing.FastVit(CropRatio) : ImagePreprocessing.MobileClip();

    /// <inheritdoc/>
    [JsonIgnore]
    public override string OutputName => Head == FastVitHead.Classifier ? "logits" : "features";

    /// <summary>Channels of the features behind <c>conv_exp</c>.</summary>
    public int FeatureWidth => 2 * Widths[^1];

    /// <summary>Pixels of the input for one position of the features, each way.</summary>
    public int Stride => 4 << (Depths.Length - 1);

    /// <summary>The spec with drop path.</summary>
    public FastVitSpec WithDropPath(double rate) => this with { DropPath = rate };

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new FastVit(this);

    internal Module<Tensor, Tensor> Stem()
    {
        var width = Widths[0];
        return Modules.Numbered([
            new MobileOneBlock(Block(3, width, 3, 2, 1) with { Scale = StemScale }),
            new MobileOneBlock(Block(width, width, 3, 2, width) with { Scale = StemScale }),
            new MobileOneBlock(Block(width, width, 1, 1, 1)),
        ]);
    }

    // Stages and what stands between them, in the order of the official module list.
    internal IEnumerable<Module<Tensor, Tensor>> Network()
    {
        for (var stage = 0; stage < Depths.Length; stage++)
        {
            if (stage > 0)
                yield return new Downsample(
                    Widths[stage - 1],
                    Widths[stage],
                    stage <= DownsampleGates.Length && DownsampleGates[stage - 1],
                    DownsampleGelu
                );
            if (Attends(stage))
                yield return new RepCpe(Widths[stage]);
            yield return Stage(stage);
        }
    }

    internal MobileOneBlock Expansion() => new(Block(Widths[^1], FeatureWidth, 3, 1, Widths[^1]) with { SqueezeExcite = true });

    private bool Attends(int stage) => stage >= Depths.Length - AttentionStages;

    private Module<Tensor, Tensor> Stage(int stage)
    {
        var (first, total) = (Depths.Take(stage).Sum(), Depths.Sum());
        return Modules.Numbered(
            Enumerable
                .Range(0, Depths[stage])
                .Select(i => total == 1 ? 0 : DropPath * (first + i) / (total - 1))
                .Select(rate =>
                    Attends(stage)
                        ? (Module<Tensor, Tensor>)new SpatialAttentionBlock(Widths[stage], MlpRatio, LayerScale, rate, LayerNorm)
                        : new RepMixerBlock(Widths[stage], MlpRatio, LayerScale, rate)
                )
        );
    }

    private static MobileOneBlockSpec Block(int channelsIn, int channelsOut, int kernel, int stride, int groups) =>
        new(channelsIn, channelsOut, kernel, stride, groups) { Activation = Activation.Gelu };
}
