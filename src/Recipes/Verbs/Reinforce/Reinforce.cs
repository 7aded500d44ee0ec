using Recipes.Data;
using Recipes.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>
/// The verb <b>reinforce</b>: a data set in, a reinforced one out (MobileCLIP, arXiv 2311.17049: DataCompDR). Each image gets a fixed
/// number of augmentations, and teachers say once what they see in each; students then learn from what is stored, at the cost of plain
/// training. In memory; shards on disk in DataCompDR's layout, captions and embeddings come with the captioned images.
/// </summary>
public static class ReinforceVerb
{
    /// <summary>Stores the opinion of one teacher.</summary>
    /// <inheritdoc cref="Reinforce(ImageData, IReadOnlyList{Module{Tensor, Tensor}}, ReinforceOptions, CancellationToken)"/>
    public static ReinforcedImages Reinforce(
        this ImageData images,
        Module<Tensor, Tensor> by,
        ReinforceOptions? options = null,
        CancellationToken cancellation = default
    ) => images.Reinforce([by], options, cancellation);

    /// <summary>Stores the opinions of teachers on the augmentations of all training images.</summary>
    /// <param name="images">Source, size and augmentation.</param>
    /// <param name="by">Teachers, images <c>[B, 3, H, W]</c> to logits <c>[B, C]</c>; asked in evaluation mode, and left as they are.</param>
    /// <param name="options">Views, classes kept, seed.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="RecipesException">Options, teachers and images do not fit each other; all problems together.</exception>
    public static ReinforcedImages Reinforce(
        this ImageData images,
        IReadOnlyList<Module<Tensor, Tensor>> by,
        ReinforceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new ReinforceOptions();
        RecipesException.ThrowIfAny($"{images.Source.Name} cannot be reinforced:", Problems(images, by.Count, options));
        var loader = Loader(images, options);
        var (set, classes) = (loader.Set, loader.Set.Classes.Count);
        RecipesException.ThrowIfAny($"{set.Name} cannot be reinforced:", Problems(loader, by, options));
        using var teachers = new LiveTeachers(by);
        var kept = Math.Min(options.TopK ?? classes, classes);
        var opinions = new StoredOpinions(set.Count, options.Views, by.Count, classes, kept);
        for (var view = 0; view < options.Views; view++)
        {
            foreach (var batch in loader.Epoch(view))
            {
                using var owned = batch;
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                opinions.Store(batch.Indices, view, teachers.LogProbabilities(batch.Images));
            }
        }
        var passes = (long)set.Count * options.Views * by.Count;
        var bytes = sizeof(long) + opinions.Length;
        return new ReinforcedImages(
            images,
            options,
            set,
            teachers.Name,
            opinions,
            new ReinforceEvidence(set.Count, options.Views, teachers.Teachers, classes, kept, passes, bytes, 3L * images.Size * images.Size)
        );
    }

    /// <summary>The training images in order, augmented as epoch v for view v.</summary>
    internal static ImageLoader Loader(ImageData images, ReinforceOptions options) =>
        new(images.Source.Open(Split.Train), images.Augment, images.BatchSize, images.Size, images.Source.Normalization)
        {
            Seed = options.Seed,
            Shuffle = false,
            ChannelsLast = true,
        };

    // What can be seen without opening the images.
    private static List<string> Problems(ImageData images, int teachers, ReinforceOptions options)
    {
        List<string> problems = [.. options.Problems(), .. images.Problems(), .. images.Augment.Problems()];
        if (teachers == 0)
            problems.Add("teachers: expected at least 1, found 0");
        if (images.Augment.Steps.Count == 0 && options.Views > 1)
            problems.Add(
                $"views: {options.Views} views of images that are not augmented are equal; add steps with Augmented(…), or store 1 view"
            );
        return problems;
    }

    private static List<string> Problems(ImageLoader loader, IReadOnlyList<Module<Tensor, Tensor>> by, ReinforceOptions options)
    {
        var (set, classes) = (new ImageBatches(loader), loader.Set.Classes.Count);
        var problems = by.SelectMany((teacher, i) => Classifiers.Problems($"teacher {i + 1}", teacher, set)).ToList();
        if (options.TopK > classes)
            problems.Add($"topK: expected at most the {classes} classes of the images, found {options.TopK}");
        var numbers = (double)loader.Set.Count * options.Views * by.Count * (options.TopK ?? classes);
        if (numbers > Array.MaxLength)
            problems.Add(
                $"{numbers:N0} numbers do not fit one array of {Array.MaxLength:N0}; store fewer views, or fewer classes with TopK"
            );
        return problems;
    }
}
