using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// MobileOne (arXiv 2206.04040): a stem and four stages of depthwise-then-pointwise units. Defaults are the paper's; the
/// switches are those of its ablations. Entry points: <see cref="MobileOne.S0"/> … <see cref="MobileOne.S4"/>.
/// </summary>
public sealed record MobileOneSpec : ModelSpec
{
    /// <summary>Output channels of the stem (64·α1, at most 64) and of the stages (64·α1, 128·α2, 256·α3, 512·α4).</summary>
    public required ImmutableArray<int> Channels { get; init; }

    /// <summary>Units per stage.</summary>
    /// <value>Default 2, 8, 10, 1.</value>
    public ImmutableArray<int> Units { get; init; } = [2, 8, 10, 1];

    /// <summary>The last units of each stage that have squeeze-and-excitation, both of their blocks.</summary>
    /// <value>Default none.</value>
    public ImmutableArray<int> SqueezeExcite { get; init; } = [0, 0, 0, 0];

    /// <summary>k, parallel convolutions in the blocks of the stages; the stem always has one (paper, tab. 6).</summary>
    public int Branches { get; init; } = 1;

    /// <summary>Whether blocks have the 1x1 scale and the skip branch (paper, tab. 5).</summary>
    /// <value>Default true.</value>
    public bool ScaleAndSkip { get; init; } = true;

    /// <summary>Stride of the stem; 2 in the paper, 1 for images of 32 pixels and less.</summary>
    /// <value>Default 2.</value>
    public int StemStride { get; init; } = 2;

    /// <summary>Channels of the image.</summary>
    /// <value>Default 3.</value>
    public int ChannelsIn { get; init; } = 3;

    /// <summary>The spec with k parallel convolutions.</summary>
    public MobileOneSpec WithBranches(int k) => this with { Branches = k };

    /// <summary>The plain spec: one convolution a block, no scale, no skip.</summary>
    public MobileOneSpec Plain() => this with { Branches = 1, ScaleAndSkip = false };

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImagePreprocessing Preprocessing => ImagePreprocessing.MobileOne;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string OutputName => "logits";

    /// <inheritdoc/>
    protected override Module<Tensor, Tensor> Create() => new MobileOne(this);

    internal MobileOneBlock Stem() => Block(ChannelsIn, Channels[0], 3, StemStride, 1, branches: 1, squeezeExcite: false);

    internal Module<Tensor, Tensor> Stage(int stage)
    {
        var blocks = new List<MobileOneBlock>();
        var width = Channels[stage];
        for (var unit = 0; unit < Units[stage - 1]; unit++)
        {
            var (cin, stride) = unit == 0 ? (Channels[stage - 1], 2) : (width, 1);
            var gated = unit >= Units[stage - 1] - SqueezeExcite[stage - 1];
            blocks.Add(Block(cin, cin, 3, stride, cin, Branches, gated));
            blocks.Add(Block(cin, width, 1, 1, 1, Branches, gated));
        }
        return Modules.Numbered(blocks);
    }

    private MobileOneBlock Block(int cin, int cout, int kernel, int stride, int groups, int branches, bool squeezeExcite) =>
        new(
            new MobileOneBlockSpec(cin, cout, kernel, stride, groups)
            {
                Branches = branches,
                Scale = ScaleAndSkip,
                Skip = ScaleAndSkip,
                SqueezeExcite = squeezeExcite,
            }
        );
}
