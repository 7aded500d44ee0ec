using Recipes.Data;
using Recipes.Display;
using Recipes.Models;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>caption</b>: pictures in, the same pictures with synthetic captions out (MobileCLIP, arXiv 2311.17049, sec. 3.1: five of each picture from CoCa).
/// </summary>
public static class CaptionVerb
{
    /// <summary>Describes every picture.</summary>
    /// <param name="set">The pictures; their own captions are not looked at.</param>
    /// <param name="by">Who describes them.</param>
    /// <param name="count">Captions of each.</param>
    /// <param name="options">Seed and batch; null for the defaults.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">The set is empty or the options make no sense, all problems together; or the captioner broke its promise.</exception>
    public static CaptionedImages Caption(
        this ICaptionedSet set,
        ICaptioner by,
        int count = 5,
        CaptionOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new CaptionOptions();
        var problems = options.Problems().ToList();
        if (count < 1)
            problems.Add($"count: expected at least 1 caption of each picture, found {count}");
        if (set.Count < 1)
            problems.Add("the set has no pictures");
        RecipesException.ThrowIfAny($"{set.Name} cannot be captioned:", problems);
        var captions = new List<IReadOnlyList<string>>(set.Count);
        while (captions.Count < set.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = captions.Count;
            var images = new RgbImage[Math.Min(options.Batch, set.Count - first)];
            Parallel.For(0, images.Length, i => images[i] = set.Image(first + i));
            var made = by.Caption(images, count, options.Seed, first);
            if (made.Count != images.Length || made.Any(m => m.Count != count))
                throw new RecipesException(
                    $"{by.Name}: expected {count} captions of each of {images.Length} pictures, found {made.Sum(m => m.Count)} of {made.Count}."
                );
            captions.AddRange(made);
        }
        return new CaptionedImages(set, captions, Evidence(set, by, count, captions, options.Examples));
    }

    private static CaptionEvidence Evidence(ICaptionedSet set, ICaptioner by, int count, List<IReadOnlyList<string>> captions, int examples)
    {
        var all = captions.SelectMany(c => c).ToList();
        return new CaptionEvidence(
            by.Name,
            set.Name,
            set.Count,
            count,
            all.Average(c => c.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length),
            captions.Average(c => (double)c.Distinct(StringComparer.Ordinal).Count() / count),
            all.Distinct(StringComparer.Ordinal).Count(),
            all.LongCount(string.IsNullOrWhiteSpace),
            SceneCaptionSet.Behind(set) is { } scenes ? Shares(scenes, captions) : null,
            Examples(set, captions, Math.Min(examples, set.Count))
        );
    }

    private static NamingShares Shares(SceneCaptionSet scenes, List<IReadOnlyList<string>> captions)
    {
        var named = captions.SelectMany((texts, i) => SceneNaming.Of(scenes[i], texts)).ToList();
        return new NamingShares(Share(n => n.Shape), Share(n => n.Color), Share(n => n.Both));

        double Share(Func<SceneNaming, bool> right) => (double)named.Count(right) / named.Count;
    }

    private static PictureGrid Examples(ICaptionedSet set, List<IReadOnlyList<string>> captions, int count) =>
        new(
            $"Captions by picture, {count} of {set.Count:#,0}",
            Enumerable.Range(0, count).Select(i => (int)((long)i * set.Count / count)).Select(i => Example(set, captions[i], i))
        );

    private static Picture Example(ICaptionedSet set, IReadOnlyList<string> captions, int index)
    {
        var image = set.Image(index);
        var texts = captions.Select(c => c.Length == 0 ? "(empty)" : c).Distinct(StringComparer.Ordinal).ToList();
        return new Picture(ImageBytes.ToPng(image.Rgb, image.Width, image.Height), texts[0], string.Join(" · ", texts.Skip(1)));
    }
}
