namespace Recipes.Data;

/// <summary>Pictures with captions in files. What has no split of its own is divided by its keys: one in ten is for testing.</summary>
public abstract record StoredCaptionSource : CaptionSource
{
    private const int TestEvery = 10;

    /// <summary>What to do about samples that cannot be used.</summary>
    /// <value>Default <see cref="BadSamples.Stop"/>.</value>
    public BadSamples BadSamples { get; init; }

    /// <summary>The same source, whose bad samples are left out and reported: <see cref="CaptionedSetExtensions.Report"/>.</summary>
    public CaptionSource SkipBad() => this with { BadSamples = BadSamples.Skip };

    /// <summary>Whether a key is for testing, where the key decides; the same on every machine, whatever else is in the set.</summary>
    public static bool IsTest(string key) => Rng.Mix(Rng.Fnv1a(key)) % TestEvery == 0;

    /// <summary>Reads every picture and caption of all splits, and reports what is wrong and what is to be noted.</summary>
    /// <param name="roots">Where to look for relative paths after the working folder; null for <see cref="DataRoots.Default"/>.</param>
    /// <returns>One report for each split that has files of its own, or one for all.</returns>
    /// <exception cref="RecipesException">Nothing is there, or it is of another format.</exception>
    public IReadOnlyList<SampleReport> Verify(DataRoots? roots = null)
    {
        var reports = new List<SampleReport>();
        foreach (var split in Enum.GetValues<Split>())
        {
            var problems = new List<SampleProblem>();
            var (set, divided) = Index(split, roots ?? DataRoots.Default, problems);
            var usable = CaptionCheck.Usable(set, problems);
            reports.Add(SampleReport.Of(divided ? set.Name : Name, usable.Count, problems));
            if (!divided)
                break;
        }
        return reports;
    }

    /// <inheritdoc/>
    protected sealed override ICaptionedSet OpenAll(Split split, DataRoots roots)
    {
        var problems = new List<SampleProblem>();
        var (set, divided) = Index(split, roots, problems);
        if (BadSamples == BadSamples.Stop)
            SampleProblem.ThrowIfAny(
                $"data {set.Name}: cannot be used as it is. Mend it, or leave bad samples out (BadSamples = Skip).",
                problems
            );
        if (!divided)
            set = new SubsetCaptions(set, [.. Enumerable.Range(0, set.Count).Where(i => IsTest(set.Key(i)) == (split == Split.Test))]);
        if (BadSamples == BadSamples.Skip)
        {
            var usable = CaptionCheck.Usable(set, problems);
            set = new SubsetCaptions(set, usable, SampleReport.Of(set.Name, usable.Count, problems));
        }
        return set.Count > 0
            ? set
            : throw new RecipesException(
                $"data {set.Name}: no pictures{(problems.Count > 0 ? " that can be used" : "")}.",
                problems.Count > 0
                    ? [.. set.Report().ToString().Split('\n').Skip(1)]
                    : ["one key in ten is for testing; give more, or give test data of its own"]
            );
    }

    /// <summary>Finds the pictures of a split, and everything that can be seen to be wrong without reading them.</summary>
    /// <returns>The set, and whether it is only this split (else both).</returns>
    private protected abstract (ICaptionedSet Set, bool Divided) Index(Split split, DataRoots roots, List<SampleProblem> problems);

    private protected static string Find(string path, DataRoots roots) =>
        roots.Folders.Select(root => Path.Combine(root, path)).Prepend(path).FirstOrDefault(Path.Exists) ?? throw roots.NotFound(path);
}

/// <summary>
/// WebDataset tars, plain or gzipped: in each sample a picture (<c>jpg</c>, <c>jpeg</c>, <c>png</c>, <c>webp</c>) and captions. Paths are files,
/// folders, patterns (<c>*</c>, <c>?</c>) or braces (<c>cc-{000000..000003}.tar</c>).
/// </summary>
/// <param name="Paths">The shards; for training alone when <see cref="TestPaths"/> are given.</param>
public sealed record ShardsSource(IReadOnlyList<string> Paths) : StoredCaptionSource
{
    /// <summary>The shards for testing; null to divide <see cref="Paths"/> by key.</summary>
    public IReadOnlyList<string>? TestPaths { get; init; }

    /// <summary>
    /// Where captions stand: a member's text (<c>txt</c>), or what is at a key of a JSON member (<c>json:caption</c>,
    /// <c>syn.json:syn_text</c>). The captions of all that a sample has are its captions, in this order.
    /// </summary>
    /// <value>Default <c>txt</c>.</value>
    public IReadOnlyList<string> Captions { get; init; } = ["txt"];

    /// <inheritdoc/>
    public override string Name => "shards";

    /// <summary>The same source with its captions read from here: <see cref="Captions"/>.</summary>
    public ShardsSource WithCaptions(params string[] parts) => this with { Captions = parts };

    /// <summary>The same source with shards of their own for testing.</summary>
    public ShardsSource WithTest(params string[] paths) => this with { TestPaths = paths };

    private protected override (ICaptionedSet, bool) Index(Split split, DataRoots roots, List<SampleProblem> problems)
    {
        var shards = ShardSet.Open(split == Split.Test && TestPaths is { } test ? test : Paths, BadSamples.Skip, roots);
        return (CaptionedShards.Open(Title(Name, split), shards, Captions, problems), TestPaths is not null);
    }
}

/// <summary>JSON lines beside pictures: <c>{"image": "a.jpg", "caption": "…"}</c>, or <c>"captions": […]</c>; paths are relative to the file.</summary>
/// <param name="Path">The file; for training alone when <see cref="TestPath"/> is given.</param>
public sealed record CaptionFileSource(string Path) : StoredCaptionSource
{
    /// <summary>The file for testing; null to divide <see cref="Path"/> by key.</summary>
    public string? TestPath { get; init; }

    /// <inheritdoc/>
    public override string Name => "caption-file";

    /// <summary>The same source with a file of its own for testing.</summary>
    public CaptionFileSource WithTest(string path) => this with { TestPath = path };

    private protected override (ICaptionedSet, bool) Index(Split split, DataRoots roots, List<SampleProblem> problems)
    {
        var path = Find(split == Split.Test && TestPath is { } test ? test : Path, roots);
        return (CaptionLines.Open(Title(Name, split), path, problems), TestPath is not null);
    }
}

/// <summary>
/// COCO's captions: a folder or zip of pictures and <c>annotations/captions….json</c>, or the path of that file. Files for train and val
/// are the splits.
/// </summary>
/// <param name="Path">The folder, zip or JSON file.</param>
public sealed record CocoSource(string Path) : StoredCaptionSource
{
    /// <inheritdoc/>
    public override string Name => "coco";

    private protected override (ICaptionedSet, bool) Index(Split split, DataRoots roots, List<SampleProblem> problems) =>
        CocoCaptions.Open(Title(Name, split), Find(Path, roots), split, problems);
}
