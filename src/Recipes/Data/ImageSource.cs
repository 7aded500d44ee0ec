using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>
/// Where pictures come from, as a value: nothing is read before <see cref="Open"/>. Its properties are its JSON, with the
/// name as discriminator under <c>source</c>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "source")]
[JsonDerivedType(typeof(ScenesSource), "scenes")]
[JsonDerivedType(typeof(FashionMnistSource), "fashion-mnist")]
[JsonDerivedType(typeof(MnistSource), "mnist")]
[JsonDerivedType(typeof(Cifar10Source), "cifar10")]
[JsonDerivedType(typeof(ImageFolderSource), "folder")]
public abstract record ImageSource
{
    /// <summary>The name by which <see cref="Datasets.ByName(string)"/> finds it.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>At most this many pictures of each split; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>At most this many test pictures; null for <see cref="Limit"/>.</summary>
    public int? TestLimit { get; init; }

    /// <summary>What to subtract and divide by, for this source.</summary>
    [JsonIgnore]
    public abstract Normalization Normalization { get; }

    /// <summary>The number of classes, or null where only the files tell.</summary>
    [JsonIgnore]
    public virtual int? ClassCount => 10;

    /// <summary>The same source with at most so many pictures, a fixed random choice.</summary>
    /// <param name="count">Training pictures, and test pictures unless <paramref name="test"/> is given.</param>
    /// <param name="test">Test pictures.</param>
    /// <exception cref="RecipesException">A count is not positive.</exception>
    public ImageSource Take(int count, int? test = null) =>
        count > 0 && test is null or > 0
            ? this with
            {
                Limit = count,
                TestLimit = test,
            }
            : throw new RecipesException($"{Name}: Take expects at least 1 picture, found {count}{(test is null ? "" : $" and {test}")}.");

    /// <summary>Reads and checks what is needed to serve pictures.</summary>
    /// <param name="split">Training or test part.</param>
    /// <param name="roots">Where to look for files; null for <see cref="DataRoots.Default"/>.</param>
    /// <exception cref="RecipesException">Files are missing or broken; the message lists every problem and the repair.</exception>
    public IImageSet Open(Split split, DataRoots? roots = null)
    {
        var all = OpenAll(split, roots ?? DataRoots.Default);
        return (split == Split.Test ? TestLimit ?? Limit : Limit) is { } limit && limit < all.Count ? SubsetImages.Sample(all, limit) : all;
    }

    /// <summary>Opens a whole split.</summary>
    protected abstract IImageSet OpenAll(Split split, DataRoots roots);
}

/// <summary>The embedded world.</summary>
/// <param name="Train">Training scenes: indices 0 to Train - 1 of the world.</param>
/// <param name="Test">Test scenes: indices from 2^32.</param>
/// <param name="Seed">The world.</param>
public sealed record ScenesSource(int Train, int Test, long Seed) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => "scenes";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.Scenes;

    /// <inheritdoc/>
    protected override IImageSet OpenAll(Split split, DataRoots roots) =>
        split == Split.Train ? new SceneImages(Seed, 0, Train, "scenes/train") : new SceneImages(Seed, 1L << 32, Test, "scenes/test");
}

/// <summary>Fashion-MNIST: 28 x 28 grey pictures of clothes, ten classes.</summary>
public sealed record FashionMnistSource : ImageSource
{
    private static readonly string[] s_classes = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".Split(',');

    /// <inheritdoc/>
    public override string Name => "fashion-mnist";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.FashionMnist;

    /// <inheritdoc/>
    protected override IImageSet OpenAll(Split split, DataRoots roots) =>
        IdxFolder.Open(Name, ["fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "fashion_mnist_900"], s_classes, split, roots);
}

/// <summary>MNIST: 28 x 28 grey pictures of handwritten digits.</summary>
public sealed record MnistSource : ImageSource
{
    private static readonly string[] s_classes = "0,1,2,3,4,5,6,7,8,9".Split(',');

    /// <inheritdoc/>
    public override string Name => "mnist";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.Mnist;

    /// <inheritdoc/>
    protected override IImageSet OpenAll(Split split, DataRoots roots) =>
        IdxFolder.Open(Name, ["mnist", "MNIST/raw"], s_classes, split, roots);
}

/// <summary>CIFAR-10: 32 x 32 colour photographs, ten classes.</summary>
public sealed record Cifar10Source : ImageSource
{
    /// <inheritdoc/>
    public override string Name => "cifar10";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.Cifar10;

    /// <inheritdoc/>
    protected override IImageSet OpenAll(Split split, DataRoots roots) => CifarFolder.Open(Name, split, roots);
}

/// <summary>
/// A folder of pictures (JPEG, PNG, WebP, BMP, GIF), one subfolder a class. With subfolders <c>train</c> and <c>test</c> (or
/// <c>val</c>) those are the splits; otherwise every fifth picture of each class, in name order, is for testing.
/// </summary>
/// <param name="Path">The folder.</param>
public sealed record ImageFolderSource(string Path) : ImageSource
{
    /// <inheritdoc/>
    public override string Name => "folder";

    /// <inheritdoc/>
    public override Normalization Normalization => Normalization.ImageNet;

    /// <inheritdoc/>
    public override int? ClassCount => null;

    /// <inheritdoc/>
    protected override IImageSet OpenAll(Split split, DataRoots roots) => FolderImages.Open(Path, split);
}
