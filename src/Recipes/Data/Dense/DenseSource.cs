using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>
/// Where pictures with maps come from, as a value: nothing is read before <see cref="Open"/>. Its properties are its JSON, with the name as
/// discriminator under <c>source</c>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "source")]
[JsonDerivedType(typeof(DenseScenesSource), "scenes")]
[JsonDerivedType(typeof(CamVidSource), "camvid")]
[JsonDerivedType(typeof(RgbdSource), "rgbd")]
public abstract record DenseSource
{
    /// <summary>The usual name.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>The share of the training pictures that is used, above 0 to 1; at least one picture.</summary>
    /// <value>Default 1.</value>
    public double Fraction { get; init; } = 1;

    /// <summary>What to subtract and divide by.</summary>
    [JsonIgnore]
    public abstract Normalization Normalization { get; }

    /// <summary>
    /// The same source with a share of its training pictures: a fixed random choice, of which a smaller share is a part. The test pictures
    /// stay.
    /// </summary>
    /// <param name="fraction">Above 0 to 1, such as 0.01.</param>
    /// <exception cref="RecipesException">It is not within its range.</exception>
    public DenseSource Labelled(double fraction) =>
        fraction is > 0 and <= 1
            ? this with
            {
                Fraction = fraction,
            }
            : throw new RecipesException($"{Name}: Labelled expects a share above 0 to 1, found {fraction}. For one percent say 0.01.");

    /// <summary>Finds and checks what is needed to serve pictures.</summary>
    /// <param name="split">Training or test part.</param>
    /// <param name="roots">Where to look for files; null for <see cref="DataRoots.Default"/>.</param>
    /// <exception cref="MissingDataException">The data are not on this machine.</exception>
    /// <exception cref="RecipesException">Files are broken; the message lists every problem and the repair.</exception>
    public IDenseSet Open(Split split, DataRoots? roots = null)
    {
        var all = OpenAll(split, roots ?? DataRoots.Default);
        return split == Split.Train && Fraction < 1 ? DenseSubset.Sample(all, Fraction) : all;
    }

    /// <summary>Opens a whole split.</summary>
    protected abstract IDenseSet OpenAll(Split split, DataRoots roots);
}

/// <summary>The embedded world with its masks, depths and boxes.</summary>
/// <param name="Train">Training scenes: indices 0 to Train - 1 of the world.</param>
/// <param name="Test">Test scenes: indices from 2^32.</param>
/// <param name="Seed">The world.</param>
public sealed record DenseScenesSource(int Train, int Test, long Seed) : DenseSource
{
    /// <inheritdoc/>
    public override string Name => "scenes";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.Scenes;

    /// <inheritdoc/>
    protected override IDenseSet OpenAll(Split split, DataRoots roots) =>
        split == Split.Train ? new DenseScenes(Seed, 0, Train, "scenes/train") : new DenseScenes(Seed, 1L << 32, Test, "scenes/test");
}

/// <summary>
/// CamVid, road scenes with 11 classes, as prepared for SegNet: <c>SPLIT/NAME.png</c> beside masks of the same names in <c>SPLIT_mask</c> or
/// <c>SPLITannot</c>, a folder or one zip file; splits <c>train</c> and <c>test</c>. Label 11 is none.
/// </summary>
/// <param name="Path">The folder or zip file; null looks among the data.</param>
public sealed record CamVidSource(string? Path = null) : DenseSource
{
    /// <inheritdoc/>
    public override string Name => "camvid";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.ImageNet;

    /// <inheritdoc/>
    protected override IDenseSet OpenAll(Split split, DataRoots roots) => CamVidFiles.Open(Name, Path, split, roots);
}

/// <summary>
/// Colour pictures <c>SET/color/NAME.png</c> with depth in 16-bit grey <c>SET/depth/NAME.png</c> (TUM's and ICL-NUIM's form), 0 for none; a
/// folder or one zip file. Every fourth picture is for testing.
/// </summary>
/// <param name="Set">The folder within, such as <c>kinect</c>.</param>
/// <param name="UnitsPerMetre">What a metre is in the depth pictures: 1000, or 5000 for ICL-NUIM and TUM.</param>
/// <param name="Path">The folder or zip file; null looks among the data.</param>
public sealed record RgbdSource(string Set, double UnitsPerMetre = 1000, string? Path = null) : DenseSource
{
    /// <inheritdoc/>
    public override string Name => "rgbd";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.ImageNet;

    /// <inheritdoc/>
    protected override IDenseSet OpenAll(Split split, DataRoots roots) => RgbdFiles.Open(Name, Set, UnitsPerMetre, Path, split, roots);
}

/// <summary>The ways to name dense data: <c>DenseDatasets.Scenes(2000, 500).Labelled(0.1)</c>.</summary>
public static class DenseDatasets
{
    /// <summary>The embedded world; needs no files.</summary>
    /// <param name="train">Training scenes.</param>
    /// <param name="test">Test scenes.</param>
    /// <param name="seed">The world.</param>
    /// <exception cref="RecipesException">A count is not positive.</exception>
    public static DenseSource Scenes(int train = 2000, int test = 500, long seed = 0) =>
        train > 0 && test > 0
            ? new DenseScenesSource(train, test, seed)
            : throw new RecipesException($"scenes: expected at least 1 training and 1 test scene, found {train} and {test}.");

    /// <summary>CamVid, from a folder or zip file, or from where data are kept.</summary>
    public static DenseSource CamVid(string? path = null) => new CamVidSource(path);

    /// <summary>Pictures with depth, from a folder or zip file, or from where data are kept.</summary>
    /// <param name="set">The folder within, such as <c>kinect</c>.</param>
    /// <param name="unitsPerMetre">What a metre is in the depth pictures.</param>
    /// <param name="path">The folder or zip file.</param>
    public static DenseSource Rgbd(string set = "kinect", double unitsPerMetre = 1000, string? path = null) =>
        unitsPerMetre > 0
            ? new RgbdSource(set, unitsPerMetre, path)
            : throw new RecipesException($"rgbd: expected units a metre above 0, found {unitsPerMetre}.");
}
