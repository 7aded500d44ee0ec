namespace Recipes.Data;

/// <summary>The ways to name data: <c>Datasets.Scenes(8000, 2000)</c>, <c>Datasets.Cifar10()</c>, <c>Datasets.ByName("fashion-mnist")</c>.</summary>
public static class Datasets
{
    /// <summary>The names that <see cref="ByName(string)"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["scenes", "fashion-mnist", "mnist", "cifar10"];

    /// <summary>The embedded world; needs no files.</summary>
    /// <param name="train">Training scenes.</param>
    /// <param name="test">Test scenes.</param>
    /// <param name="seed">The world.</param>
    /// <exception cref="RecipesException">A count is not positive.</exception>
    public static ImageSource Scenes(int train = 8000, int test = 2000, long seed = 0) =>
        train > 0 && test > 0
            ? new ScenesSource(train, test, seed)
            : throw new RecipesException($"scenes: expected at least 1 training and 1 test scene, found {train} and {test}.");

    /// <summary>The embedded world with captions; needs no files.</summary>
    /// <param name="train">Training scenes.</param>
    /// <param name="test">Test scenes.</param>
    /// <param name="captions">What the training captions are.</param>
    /// <param name="seed">The world.</param>
    /// <exception cref="RecipesException">A count is not positive.</exception>
    public static SceneCaptionsSource SceneCaptions(
        int train = 8000,
        int test = 2000,
        SceneCaption captions = SceneCaption.AltText,
        long seed = 0
    ) =>
        train > 0 && test > 0
            ? new SceneCaptionsSource(train, test, seed) { Captions = captions }
            : throw new RecipesException($"scenes: expected at least 1 training and 1 test scene, found {train} and {test}.");

    /// <summary>Fashion-MNIST.</summary>
    public static ImageSource FashionMnist() => new FashionMnistSource();

    /// <summary>MNIST.</summary>
    public static ImageSource Mnist() => new MnistSource();

    /// <summary>CIFAR-10.</summary>
    public static ImageSource Cifar10() => new Cifar10Source();

    /// <summary>A folder with one subfolder a class.</summary>
    public static ImageSource ImageFolder(string path) => new ImageFolderSource(path);

    /// <summary>Pictures with captions in WebDataset tars.</summary>
    /// <param name="paths">Files, folders, patterns (<c>*</c>, <c>?</c>), braces (<c>cc-{000000..000003}.tar</c>).</param>
    public static ShardsSource Shards(params string[] paths) => new(paths);

    /// <summary>Pictures with captions in JSON lines: <c>{"image": "a.jpg", "caption": "…"}</c>, paths relative to the file.</summary>
    public static CaptionFileSource CaptionFile(string path) => new(path);

    /// <summary>Pictures with COCO's captions: a folder or zip, or the path of <c>captions….json</c>.</summary>
    public static CocoSource Coco(string path) => new(path);

    /// <summary>The captioned pictures at a path, by what is there: tars, JSON lines, COCO's captions; null when it is none of them.</summary>
    public static StoredCaptionSource? CaptionsAt(string path)
    {
        if (ShardPaths.IsShard(path) || ShardPaths.Exist(path))
            return Shards(path);
        if (path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".jsonl.gz", StringComparison.OrdinalIgnoreCase))
            return CaptionFile(path);
        return CocoCaptions.IsAt(path) ? Coco(path) : null;
    }

    /// <summary>The source of this name, or the image folder at this path (when it names an existing folder).</summary>
    /// <exception cref="RecipesException">Neither is known.</exception>
    public static ImageSource ByName(string name) =>
        name.ToLowerInvariant().Replace('_', '-') switch
        {
            "scenes" => Scenes(),
            "fashion-mnist" => FashionMnist(),
            "mnist" => Mnist(),
            "cifar10" or "cifar-10" => Cifar10(),
            _ when Directory.Exists(name) => ImageFolder(name),
            _ => throw new RecipesException(
                $"data {name}: unknown, neither a name nor a path{Nearest.End(name, Names)} Known: {string.Join(", ", Names)}; or give the path of an image folder, "
                    + "of shards (a folder, a tar or a pattern), of JSON lines or of COCO's captions that is there."
            ),
        };

    /// <summary>What a recipe's settings choose: so many scenes, a whole image folder, or at most so many images of a data set.</summary>
    /// <param name="name"><c>scenes</c>, <c>folder</c>, or a name that <see cref="ByName(string)"/> knows.</param>
    /// <param name="train">Training images.</param>
    /// <param name="test">Test images.</param>
    /// <param name="folder">The path, for <c>folder</c>.</param>
    /// <exception cref="RecipesException">The name is unknown, or a count is not positive.</exception>
    public static ImageSource ByName(string name, int train, int test, string folder) =>
        name switch
        {
            "scenes" => Scenes(train, test),
            "folder" => ImageFolder(folder),
            _ => ByName(name).Take(train, test),
        };
}
