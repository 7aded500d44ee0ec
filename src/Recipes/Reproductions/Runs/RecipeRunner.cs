using System.Diagnostics;
using Recipes.Data;
using Recipes.Display;
using Recipes.Training;
using Recipes.Verbs;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Reproductions;

/// <summary>What a recipe gave: the trained network, the folded one, and the evidence. Owns its modules.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class RecipeOutcome : IDisposable, IDisplay
{
    /// <summary>The trained network in evaluation mode, with averaged weights where the recipe averages.</summary>
    public required Module<Tensor, Tensor> Model { get; init; }

    /// <summary>How training went.</summary>
    public required TrainResult Training { get; init; }

    /// <summary>The test images' measure of <see cref="Model"/>.</summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>What the teachers taught; null when the recipe has none.</summary>
    public DistillEvidence? Distilled { get; init; }

    /// <summary>The folded network and its evidence; null when the recipe does not fold.</summary>
    public Folded<Module<Tensor, Tensor>>? Folded { get; init; }

    /// <summary>The test images' measure of the folded network.</summary>
    public Evaluation? FoldedEvaluation { get; init; }

    /// <summary>What was exported as ONNX; null when the recipe does not export.</summary>
    public ExportEvidence? Exported { get; init; }

    /// <summary>The final network on corrupted test images; null when the recipe does not ask.</summary>
    public Robustness? Robustness { get; init; }

    /// <summary>The measures, how training went, and the evidence of folding.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Blocks Show() => new([Evaluation, Training, .. new IDisplay?[] { Folded, Robustness, Exported }.OfType<IDisplay>()]);

    /// <summary>Frees the networks.</summary>
    public void Dispose()
    {
        Model.Dispose();
        Folded?.Model.Dispose();
        Training.Dispose();
    }
}

/// <summary>Runs recipes.</summary>
public static class RecipeRunner
{
    /// <summary>Builds, trains, measures, folds and saves, as the recipe says.</summary>
    /// <param name="recipe">What to run.</param>
    /// <param name="options">Folder for checkpoints, resume, cancellation, observers.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="opened">Images that are open already; null opens them.</param>
    /// <exception cref="RecipesException">Data are missing or broken, training diverges, or folding moves outputs.</exception>
    public static RecipeOutcome Run(this IRecipe recipe, TrainOptions? options = null, string device = "auto", OpenedImages? opened = null)
    {
        var (document, plan) = (recipe.Document, recipe.Document.Train);
        options ??= new TrainOptions();
        opened ??= new OpenedImages();
        var (train, test) = ImageBatches.Open(document.Data, plan.Seed, opened);
        if (train.Classes != document.Model.Classes)
            throw new RecipesException(
                $"{document.Model.Name} has {document.Model.Classes} classes, {train.Name} has {train.Classes}. Build the model with {train.Classes} classes."
            );
        var model = document.Model.Build(plan.Seed);
        model.to(Devices.Choose(device));
        var (training, distilled) = document.Distill is { } step
            ? Distill(model, step, plan, (train, test), options, device, opened)
            : (Trainer.Train(model, plan, train, test, options), null);
        training.Ema?.Restore(model);
        model.eval();
        var evaluation = training.FinalEma ?? training.Final ?? throw new InvalidOperationException("training measured nothing");
        Folded<Module<Tensor, Tensor>>? folded = null;
        Evaluation? foldedEvaluation = null;
        if (document.Reparameterize is { } fold)
        {
            folded = model.Reparameterize(fold);
            foldedEvaluation = options.Objective.Evaluate(folded.Model, test, new EvaluationOptions(), options.Cancellation);
        }
        if (document.Save is { } file)
            StateDict.Save(folded?.Model ?? model, Path.Combine(options.Folder ?? ".", file));
        var exported = document.Export is { } onnx
            ? (folded?.Model ?? model).Export(Path.Combine(options.Folder ?? ".", onnx), Exporting(document.Data, opened))
            : null;
        return new RecipeOutcome
        {
            Model = model,
            Training = training,
            Evaluation = evaluation,
            Distilled = distilled,
            Folded = folded,
            FoldedEvaluation = foldedEvaluation,
            Exported = exported,
            Robustness = document.Corrupt is { } kinds
                ? Robustness.Measure(folded?.Model ?? model, document.Data, kinds, opened, options.Cancellation)
                : null,
        };
    }

    // Images come to the exported network as they came to training.
    private static ExportOptions Exporting(ImageData data, OpenedImages opened) =>
        new()
        {
            Resolution = data.Size,
            Labels = [.. opened.Open(data.Source, Split.Test).Classes],
            Preprocessing = new ImagePreprocessing
            {
                Resolution = data.Size,
                ShorterSide = data.Size,
                Filter = ResizeFilter.Bilinear,
                Normalization = data.Source.Normalization,
            },
            Check = true,
        };

    // Each teacher keeps its checkpoints in a folder of its own, so that a resumed run does not train it again.
    private static (TrainResult, DistillEvidence?) Distill(
        Module<Tensor, Tensor> student,
        DistillStep step,
        TrainPlan plan,
        (ImageBatches, ImageBatches) images,
        TrainOptions options,
        string device,
        OpenedImages opened
    )
    {
        var outcomes = new List<RecipeOutcome>();
        try
        {
            foreach (var (teacher, number) in step.From.Select((t, i) => (t, i + 1)))
            {
                var folder = options.Folder is { } home ? Path.Combine(home, $"teacher{number}") : null;
                outcomes.Add(new TrainedRecipe(teacher).Run(options with { Folder = folder, Observers = [] }, device, opened));
            }
            List<Module<Tensor, Tensor>> networks = [.. outcomes.Select(o => o.Folded?.Model ?? o.Model)];
            using var teachers = new LiveTeachers(networks);
            var by = new DistillOptions
            {
                By = step.By,
                Features = step.Features ?? [],
                Plan = plan,
            };
            return Distiller.Run(student, teachers, networks, by, images, options);
        }
        finally
        {
            outcomes.ForEach(o => o.Dispose());
        }
    }
}
