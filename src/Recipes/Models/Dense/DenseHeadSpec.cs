using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Recipes.Models;

/// <summary>An immutable description of a head for dense prediction, with its kind under <c>head</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "head")]
[JsonDerivedType(typeof(LinearDenseSpec), "linear")]
[JsonDerivedType(typeof(UPerNetSpec), "upernet")]
[JsonDerivedType(typeof(DptSpec), "dpt")]
[JsonDerivedType(typeof(BoxHeadSpec), "boxes")]
public abstract record DenseHeadSpec
{
    /// <summary>Where the head wants vision transformers tapped.</summary>
    [JsonIgnore]
    public virtual DenseTaps Taps => DenseTaps.Final;

    /// <summary>Everything that is out of range, one line each.</summary>
    public virtual IReadOnlyList<string> Problems() => [];

    /// <summary>Builds the head.</summary>
    /// <param name="maps">The maps that it gets, finest first.</param>
    /// <param name="outputs">Channels O of the prediction: classes, or 1 for depth.</param>
    public abstract DenseHead Build(IReadOnlyList<FeatureMap> maps, int outputs);

    private protected static IEnumerable<string> AtLeast(string what, int least, params IEnumerable<int> values) =>
        values.Where(v => v < least).Select(v => $"{what}: expected at least {least}, found {v}");
}

/// <summary>A linear probe: normalisation and one linear layer at each position of the maps (DINOv2, arXiv 2304.07193, sec. 7.4).</summary>
public sealed record LinearDenseSpec : DenseHeadSpec
{
    /// <inheritdoc/>
    public override DenseHead Build(IReadOnlyList<FeatureMap> maps, int outputs) => new LinearDense(maps, outputs);
}

/// <summary>
/// UPerNet (arXiv 1807.10221) as MMSegmentation has it: pooling of the coarsest map at several scales, a feature pyramid, and all
/// levels fused. The one map of a vision transformer first becomes four (<see cref="SimplePyramid"/>).
/// </summary>
public sealed record UPerNetSpec : DenseHeadSpec
{
    /// <summary>Channels of the pyramid.</summary>
    /// <value>Default 512.</value>
    public int Channels { get; init; } = 512;

    /// <summary>Sides of the grids that the coarsest map is pooled to.</summary>
    /// <value>Default 1, 2, 3, 6.</value>
    public ImmutableArray<int> PoolScales { get; init; } = [1, 2, 3, 6];

    /// <summary>Share of channels left out before the classifier in training.</summary>
    /// <value>Default 0.1.</value>
    public double Dropout { get; init; } = 0.1;

    /// <summary>For pictures of 64 pixels on a laptop: 32 channels, grids of 1 and 2.</summary>
    public static UPerNetSpec Mini(int channels = 32) => new() { Channels = channels, PoolScales = [1, 2] };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        [
            .. AtLeast("upernet.channels", 1, Channels),
            .. AtLeast("upernet.poolScales", 1, PoolScales),
            .. Dropout is >= 0 and < 1 ? [] : new[] { $"upernet.dropout: expected 0 to below 1, found {Dropout}" },
        ];

    /// <inheritdoc/>
    public override DenseHead Build(IReadOnlyList<FeatureMap> maps, int outputs) => new UPerNet(this, maps, outputs);

    /// <summary>Equal when all values are.</summary>
    public bool Equals(UPerNetSpec? other) =>
        other is not null && Channels == other.Channels && Dropout == other.Dropout && PoolScales.SequenceEqual(other.PoolScales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channels, Dropout, PoolScales.Length);
}

/// <summary>
/// The head of DPT (arXiv 2103.13413): maps of four depths reassembled at four resolutions and fused from coarse to fine by residual
/// convolutions. The class token is not used (the paper's "ignore").
/// </summary>
public sealed record DptSpec : DenseHeadSpec
{
    /// <summary>Channels of the fusion.</summary>
    /// <value>Default 256.</value>
    public int Channels { get; init; } = 256;

    /// <summary>Channels of a vision transformer's maps after their reassembling.</summary>
    /// <value>Default 96, 192, 384, 768.</value>
    public ImmutableArray<int> Reassemble { get; init; } = [96, 192, 384, 768];

    /// <summary>For pictures of 64 pixels on a laptop: 32 channels.</summary>
    public static DptSpec Mini(int channels = 32) =>
        new() { Channels = channels, Reassemble = [channels / 2, channels, 2 * channels, 2 * channels] };

    /// <inheritdoc/>
    public override DenseTaps Taps => DenseTaps.Quarters;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        [
            .. AtLeast("dpt.channels", 2, Channels),
            .. AtLeast("dpt.reassemble", 1, Reassemble),
            .. Reassemble.Length == 4 ? [] : new[] { $"dpt.reassemble: expected four numbers of channels, found {Reassemble.Length}" },
        ];

    /// <inheritdoc/>
    public override DenseHead Build(IReadOnlyList<FeatureMap> maps, int outputs) => new DptHead(this, maps, outputs);

    /// <summary>Equal when all values are.</summary>
    public bool Equals(DptSpec? other) => other is not null && Channels == other.Channels && Reassemble.SequenceEqual(other.Reassemble);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Channels, Reassemble.Length);
}

/// <summary>
/// Boxes without anchors: at the place of a box's centre a heat map of its class (CenterNet, arXiv 1904.07850) and the distances to its
/// four sides (FCOS, arXiv 1904.01355), at a stride of 4 where the maps allow it.
/// </summary>
public sealed record BoxHeadSpec : DenseHeadSpec
{
    /// <summary>Channels of its convolutions.</summary>
    /// <value>Default 256.</value>
    public int Channels { get; init; } = 256;

    /// <summary>3x3 convolutions before the predictions.</summary>
    /// <value>Default 4.</value>
    public int Layers { get; init; } = 4;

    /// <summary>For pictures of 64 pixels on a laptop: 32 channels, two layers.</summary>
    public static BoxHeadSpec Mini(int channels = 32) => new() { Channels = channels, Layers = 2 };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() => [.. AtLeast("boxes.channels", 1, Channels), .. AtLeast("boxes.layers", 0, Layers)];

    /// <inheritdoc/>
    public override DenseHead Build(IReadOnlyList<FeatureMap> maps, int outputs) => new BoxHead(this, maps, outputs);
}
