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

    /// <summary>What mixes positions in the stages without attention.</summary>
    /// <value>Default RepMixer.</value>
    public TokenMixer Mixer { get; init; } = TokenMixer.RepMixer;

    /// <summary>Whether blocks train with several branches (paper, tab. 3); without, each is one convolution with its normalisation. The folded form is the same.</summary>
    /// <value>Default true.</value>
    public bool OverParameterized { get; init; } = true;

    /// <summary>Side of the feed-forwards' depthwise kernels; 1 sees no neighbours (paper, tab. 1 and 4).</summary>
    /// <value>Default 7.</value>
    public int FeedForwardKernel { get; init; } = 7;

    /// <summary>Side of the down-samplings' depthwise kernels.</summary>
    /// <value>Default 7.</value>
    public int DownsampleKernel { get; init; } = 7;

    /// <summary>Stride of the stem: 4, or 2 for images of 32 pixels.</summary>
    /// <value>Default 4.</value>
    public int StemStride { get; init; } = 4;

    /// <summary>Whether <c>conv_exp</c> doubles the channels before the head. The released networks have it; the paper's numbers of parameters are nearer to those without.</summary>
    /// <value>Default true.</value>
    public bool Expand { get; init; } = true;

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

    /// <summary>The spec with another token mixer in its stages without attention.</summary>
    public FastVitSpec WithMixer(TokenMixer mixer) => this with { Mixer = mixer };

    /// <summary>The spec with attention in its last stages.</summary>
    public FastVitSpec WithAttention(int stages = 1) => this with { AttentionStages = stages };

    /// <summary>The spec without <c>conv_exp</c>.</summary>
    public FastVitSpec WithoutExpansion() => this with { Expand = false };

    /// <summary>The spec whose blocks train with one branch.</summary>
    public FastVitSpec Plain() => this with { OverParameterized = false };

    /// <summary>The spec with other sides of the depthwise kernels.</summary>
    public FastVitSpec WithKernels(int feedForward, int downsample) =>
        this with
        {
            FeedForwardKernel = feedForward,
            DownsampleKernel = downsample,
        };

    /// <summary>Channels of the features behind <c>conv_exp</c>.</summary>
    public int FeatureWidth => (Expand ? 2 : 1) * Widths[^1];

    /// <summary>Pixels of the input for one position of the features, each way.</summary>
    public int Stride => StemStride << (Depths.Length - 1);

    /// <summary>The spec with drop path.</summary>
    public FastVitSpec WithDropPath(double rate) => this with { DropPath = rate };

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new FastVit(this);

    internal Module<Tensor, Tensor> Stem()
    {
        var width = Widths[0];
        return Modules.Numbered([
            new MobileOneBlock(Block(3, width, 3, 2, 1) with { Scale = StemScale && OverParameterized }),
            new MobileOneBlock(Block(width, width, 3, StemStride / 2, width) with { Scale = StemScale && OverParameterized }),
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
                    DownsampleKernel,
                    stage <= DownsampleGates.Length && DownsampleGates[stage - 1],
                    DownsampleGelu,
                    OverParameterized
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
                        ? (Module<Tensor, Tensor>)
                            new SpatialAttentionBlock(Widths[stage], MlpRatio, LayerScale, rate, LayerNorm, FeedForwardKernel)
                        : new RepMixerBlock(
                            Widths[stage],
                            Mixer.Build(Widths[stage], LayerScale, OverParameterized),
                            new ConvFeedForward(Widths[stage], MlpRatio, kernel: FeedForwardKernel),
                            LayerScale,
                            rate
                        )
                )
        );
    }

    private MobileOneBlockSpec Block(int channelsIn, int channelsOut, int kernel, int stride, int groups) =>
        new(channelsIn, channelsOut, kernel, stride, groups)
        {
            Activation = Activation.Gelu,
            Scale = OverParameterized,
            Skip = OverParameterized,
        };
}
