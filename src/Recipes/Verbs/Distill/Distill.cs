using Recipes.Data;
using Recipes.Display;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>A student and the evidence of what it learned. The student is in evaluation mode and is the caller's to dispose.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record Distilled<T>(T Model, DistillEvidence Evidence) : IDisplay
{
    /// <summary>The evidence.</summary>
    public string ToHtml() => Evidence.ToHtml();

    /// <summary>The evidence.</summary>
    public override string ToString() => Evidence.ToString();
}

/// <summary>
/// The verb <b>distill</b>: trains a student on labels and on what teachers say of the very same augmented images, in the ordinary
/// training loop (MobileCLIP, arXiv 2311.17049, L_distil; the soft option of FastViT's code). Arguments stay as they are: a student is built from
/// its spec or copied, teachers are asked in evaluation mode and without gradients.
/// </summary>
/// <remarks>
/// Features: <see cref="DistillOptions.Features"/>. Captioned images: <see cref="ContrastiveTargets"/>. Stored teachers:
/// <see cref="Distill(ModelSpec, ReinforcedImages, DistillOptions, TrainOptions)"/>.
/// </remarks>
public static partial class DistillVerb
{
    /// <summary>Builds a student from its spec, with the plan's seed on the first teacher's device, and trains it.</summary>
    /// <inheritdoc cref="Distill{T}(T, IReadOnlyList{Module{Tensor, Tensor}}, ImageData, DistillOptions, TrainOptions)"/>
    public static Distilled<Module<Tensor, Tensor>> Distill(
        this ModelSpec student,
        Module<Tensor, Tensor> from,
        ImageData on,
        DistillOptions? options = null,
        TrainOptions? training = null
    ) => student.Distill([from], on, options, training);

    /// <summary>Builds a student from its spec, with the plan's seed on the first teacher's device, and trains it.</summary>
    /// <inheritdoc cref="Distill{T}(T, IReadOnlyList{Module{Tensor, Tensor}}, ImageData, DistillOptions, TrainOptions)"/>
    public static Distilled<Module<Tensor, Tensor>> Distill(
        this ModelSpec student,
        IReadOnlyList<Module<Tensor, Tensor>> from,
        ImageData on,
        DistillOptions? options = null,
        TrainOptions? training = null
    )
    {
        var built = student.Build((options ?? new DistillOptions()).Plan.Seed);
        if (from.Count > 0)
            built.to(from[0].parameters().First().device);
        return Train(built, from, on, options, training);
    }

    /// <summary>Copies a student and trains the copy from one teacher.</summary>
    /// <inheritdoc cref="Distill{T}(T, IReadOnlyList{Module{Tensor, Tensor}}, ImageData, DistillOptions, TrainOptions)"/>
    public static Distilled<T> Distill<T>(
        this T student,
        Module<Tensor, Tensor> from,
        ImageData on,
        DistillOptions? options = null,
        TrainOptions? training = null
    )
        where T : Module<Tensor, Tensor> => student.Distill([from], on, options, training);

    /// <summary>Copies a student and trains the copy.</summary>
    /// <param name="student">Images <c>[B, 3, H, W]</c> to logits <c>[B, C]</c>; it stays as it is.</param>
    /// <param name="from">Teachers of the same classes; the average of their softmaxes is what they say together.</param>
    /// <param name="on">The images; their training part teaches, their test part measures.</param>
    /// <param name="options">Loss and plan.</param>
    /// <param name="training">Run folder, cancellation, observers; its objective is not used.</param>
    /// <exception cref="RecipesException">Options, teachers, student and images do not fit each other, all problems together; or training diverges.</exception>
    public static Distilled<T> Distill<T>(
        this T student,
        IReadOnlyList<Module<Tensor, Tensor>> from,
        ImageData on,
        DistillOptions? options = null,
        TrainOptions? training = null
    )
        where T : Module<Tensor, Tensor> => Train(Modules.Copy(student), from, on, options, training);

    private static Distilled<T> Train<T>(
        T student,
        IReadOnlyList<Module<Tensor, Tensor>> from,
        ImageData on,
        DistillOptions? options,
        TrainOptions? training
    )
        where T : Module<Tensor, Tensor>
    {
        options ??= new DistillOptions();
        if (on.Problems() is { Count: > 0 } problems)
            throw new RecipesException($"{student.GetName()} cannot be distilled:", [.. options.Problems(), .. problems]);
        var images = ImageBatches.Open(on, options.Plan.Seed, new OpenedImages());
        using var teachers = new LiveTeachers(from);
        var (result, evidence) = Distiller.Run(student, teachers, from, options, images, training ?? new TrainOptions());
        result.Dispose();
        return new Distilled<T>(student, evidence);
    }
}
