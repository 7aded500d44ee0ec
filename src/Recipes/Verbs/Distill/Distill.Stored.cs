using Recipes.Data;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

public static partial class DistillVerb
{
    /// <summary>Builds a student from its spec, with the plan's seed on the CPU, and trains it from stored opinions; no teacher runs.</summary>
    /// <inheritdoc cref="Distill{T}(T, ReinforcedImages, DistillOptions, TrainOptions)"/>
    public static Distilled<Module<Tensor, Tensor>> Distill(
        this ModelSpec student,
        ReinforcedImages on,
        DistillOptions? options = null,
        TrainOptions? training = null
    ) => Train(student.Build((options ?? new DistillOptions()).Plan.Seed), on, options, training);

    /// <summary>Copies a student and trains the copy from stored opinions; no teacher runs.</summary>
    /// <param name="student">Images <c>[B, 3, H, W]</c> to logits <c>[B, C]</c>; it stays as it is.</param>
    /// <param name="on">Images with stored augmentations and opinions: epoch e trains on view e mod views, in the plan's order.</param>
    /// <param name="options">Loss and plan, without mixup, cutmix and progressive resolution, which teachers have not seen.</param>
    /// <param name="training">Run folder, cancellation, observers; its objective is not used.</param>
    /// <exception cref="RecipesException">Options, student and images do not fit each other, all problems together; or training diverges.</exception>
    public static Distilled<T> Distill<T>(
        this T student,
        ReinforcedImages on,
        DistillOptions? options = null,
        TrainOptions? training = null
    )
        where T : Module<Tensor, Tensor> => Train(Modules.Copy(student), on, options, training);

    private static Distilled<T> Train<T>(T student, ReinforcedImages on, DistillOptions? options, TrainOptions? training)
        where T : Module<Tensor, Tensor>
    {
        options ??= new DistillOptions();
        var images = ImageBatches.Open(on.Data, options.Plan.Seed, new OpenedImages(), on.Views);
        using var teachers = new StoredTeachers(on);
        var (result, evidence) = Distiller.Run(student, teachers, [], options, images, training ?? new TrainOptions());
        result.Dispose();
        return new Distilled<T>(student, evidence);
    }
}
