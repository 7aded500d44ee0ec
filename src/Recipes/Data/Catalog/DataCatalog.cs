namespace Recipes.Data;

/// <summary>A file of a data set, or of weights, at its official home.</summary>
/// <param name="Name">Its name there and here.</param>
/// <param name="Url">Its address.</param>
/// <param name="Bytes">Its length; null where it is not known before the first download.</param>
/// <param name="Sha256">Its SHA-256 in small hexadecimal letters; null where nobody has published it. What came is written beside the
/// file then, and compared from there on.</param>
public sealed record DataFile(string Name, Uri Url, long? Bytes, string? Sha256);

/// <summary>What is known about a data set.</summary>
/// <param name="Name">The name for <see cref="Datasets.ByName(string)"/> and <c>recipes data get</c>; also its folder's name in the cache.</param>
/// <param name="Title">One line.</param>
/// <param name="Home">Where its authors describe it.</param>
/// <param name="Licence">Under what terms.</param>
/// <param name="Files">The files to download; none for what needs none. A <c>.tar.gz</c> or <c>.zip</c> is unpacked.</param>
public sealed record DataEntry(string Name, string Title, string Home, string Licence, IReadOnlyList<DataFile> Files)
{
    /// <summary>The bytes to download, as far as they are known.</summary>
    public long Bytes => Files.Sum(f => f.Bytes ?? 0);

    /// <summary>Whether its terms must be accepted before it is downloaded.</summary>
    /// <value>Default false.</value>
    public bool MustAccept { get; init; }
}

/// <summary>The data sets that <c>recipes data list</c> shows.</summary>
public static class DataCatalog
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DataEntry> All { get; } =
    [
        new DataEntry("scenes", "the embedded world: shapes, masks, boxes, depth; drawn, never downloaded", "", "MIT", []),
        new DataEntry(
            "fashion-mnist",
            "70,000 grey pictures of clothes, 28 x 28, 10 classes",
            "https://github.com/zalandoresearch/fashion-mnist",
            "MIT",
            Idx(
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                [26421880, 29515, 4422102, 5148],
                [
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                ]
            )
        ),
        new DataEntry(
            "mnist",
            "70,000 grey handwritten digits, 28 x 28",
            "http://yann.lecun.com/exdb/mnist/",
            "CC BY-SA 3.0",
            Idx(
                "https://storage.googleapis.com/cvdf-datasets/mnist/",
                [9912422, 28881, 1648877, 4542],
                [
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                ]
            )
        ),
        new DataEntry(
            "cifar10",
            "60,000 colour photographs, 32 x 32, 10 classes",
            "https://www.cs.toronto.edu/~kriz/cifar.html",
            "free use; cite Krizhevsky 2009",
            [
                new DataFile(
                    "cifar-10-binary.tar.gz",
                    new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
                    170052171,
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
                ),
            ]
        ),
    ];

    /// <summary>The entry of this name, of a data set, a vocabulary or weights (<c>weights/NAME</c>).</summary>
    /// <exception cref="RecipesException">There is none.</exception>
    public static DataEntry Find(string name)
    {
        if (name.StartsWith(WeightsCatalog.Prefix, StringComparison.OrdinalIgnoreCase))
            return WeightsCatalog.Find(name).Source;
        List<DataEntry> known = [.. All, .. Vocabularies.All];
        return known.FirstOrDefault(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new RecipesException(
                $"data {name}: unknown{Nearest.End(name, known.Select(e => e.Name))} Known: {string.Join(", ", known.Select(e => e.Name))}."
            );
    }

    private static DataFile[] Idx(string home, long[] bytes, string[] hashes)
    {
        string[] names =
        [
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
        ];
        return [.. names.Select((name, i) => new DataFile(name, new Uri(home + name), bytes[i], hashes[i]))];
    }
}
