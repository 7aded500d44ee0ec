using Recipes.Data;
using Recipes.Models;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>reinforce</b> for captioned images (MobileCLIP, arXiv 2311.17049, sec. 3): stored augmentations, synthetic captions, and what teachers say of all of
/// them, once; students then learn from it at the cost of plain training.
/// </summary>
public static class PairReinforceVerb
{
    /// <summary>Reinforces in memory.</summary>
    /// <param name="images">The captioned images.</param>
    /// <param name="by">Teachers, asked in evaluation mode and left as they are; none stores no embeddings.</param>
    /// <param name="captioner">Makes synthetic captions; null makes none.</param>
    /// <param name="options">What is stored.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">Options are out of range, or an image cannot be read.</exception>
    public static ReinforcedPairs Reinforce(
        this ICaptionedSet images,
        IReadOnlyList<PairTeacher> by,
        ICaptioner? captioner,
        PairReinforceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new PairReinforceOptions();
        RecipesException.ThrowIfAny($"{images.Name} cannot be reinforced:", [.. options.Problems()]);
        var samples = new PairReinforcer(images, by, captioner, options).Samples(0, images.Count, cancellation).ToList();
        return new ReinforcedPairs(images, samples, [.. by.Select(t => t.Width)]);
    }
}
