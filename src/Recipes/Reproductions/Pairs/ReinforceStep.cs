using Recipes.Data;

namespace Recipes.Reproductions;

/// <summary>
/// The verb reinforce as a step of a recipe: what is stored of the training images, once for all arms that name the same (MobileCLIP, arXiv 2311.17049, sec. 3).
/// </summary>
public sealed record ReinforceStep
{
    /// <summary>The teachers, each a recipe of its own that runs first; their embeddings are stored.</summary>
    public IReadOnlyList<PairRecipeDocument> By { get; init; } = [];

    /// <summary>Stored augmentations of each image.</summary>
    /// <value>Default 5.</value>
    public int Views { get; init; } = 5;

    /// <summary>What augmentations are drawn from.</summary>
    public StoredAugmentationPolicy Augment { get; init; } = StoredAugmentationPolicy.Strong;

    /// <summary>What makes synthetic captions: a recipe that runs first; null makes none.</summary>
    public CaptionerDocument? Captioner { get; init; }

    /// <summary>Synthetic captions of each image, where there is a captioner.</summary>
    /// <value>Default 5.</value>
    public int Captions { get; init; } = 5;

    /// <summary>Synthetic captions that are stored.</summary>
    internal int Synthetics => Captioner is null ? 0 : Captions;

    /// <summary>The seed of augmentations and captions.</summary>
    public long Seed { get; init; }

    /// <summary>Training uses the first so many of the stored augmentations; null for all.</summary>
    public int? UseViews { get; init; }

    /// <summary>Training uses the first so many of the synthetic captions; null for all.</summary>
    public int? UseCaptions { get; init; }

    /// <summary>Training learns from the first so many of the teachers; null for all.</summary>
    public int? UseTeachers { get; init; }

    /// <summary>What is stored, whatever training uses of it.</summary>
    internal ReinforceStep Stored => this with { UseViews = null, UseCaptions = null, UseTeachers = null };

    /// <summary>How many teachers training learns from.</summary>
    internal int Teachers => UseTeachers ?? By.Count;

    /// <summary>The same store, of which training uses less.</summary>
    /// <param name="views">The first so many augmentations; null for as many as now.</param>
    /// <param name="captions">The first so many synthetic captions.</param>
    /// <param name="teachers">The first so many teachers.</param>
    public ReinforceStep With(int? views = null, int? captions = null, int? teachers = null) =>
        this with
        {
            UseViews = views ?? UseViews,
            UseCaptions = captions ?? UseCaptions,
            UseTeachers = teachers ?? UseTeachers,
        };

    /// <summary>Everything that is out of range, the teachers' own problems included.</summary>
    public IEnumerable<string> Problems(CaptionData data)
    {
        if (Views < 1)
            yield return $"reinforce.views: expected at least 1, found {Views}";
        if (Captions < 0)
            yield return $"reinforce.captions: expected at least 0, found {Captions}";
        if (UseViews is { } views && (views < 1 || views > Views))
            yield return $"reinforce.useViews: expected 1 to {Views}, found {views}";
        if (UseCaptions is { } captions && (captions < 1 || captions > Synthetics))
            yield return $"reinforce.useCaptions: expected 1 to {Synthetics}, found {captions}";
        if (UseTeachers is { } teachers && (teachers < 1 || teachers > By.Count))
            yield return $"reinforce.useTeachers: expected 1 to {By.Count}, found {teachers}";
        foreach (var problem in Augment.Problems())
            yield return "reinforce.augment." + problem;
        foreach (var problem in Captioner?.Problems() ?? [])
            yield return "reinforce.captioner." + problem;
        foreach (var (teacher, number) in By.Select((t, i) => (t, i + 1)))
        {
            foreach (var problem in teacher.Problems())
                yield return $"reinforce.by, teacher {number}: {problem}";
            if (teacher.Data.Source.Vocabulary != data.Source.Vocabulary)
                yield return $"reinforce.by, teacher {number}: it reads other token ids than the student";
        }
    }
}
