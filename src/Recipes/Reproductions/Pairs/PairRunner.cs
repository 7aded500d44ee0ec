using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using Recipes.Weights;
using TorchSharp;

namespace Recipes.Reproductions;

/// <summary>Runs recipes of images and captions.</summary>
public static class PairRunner
{
    /// <summary>Reinforces, trains, measures, folds and saves, as the recipe says.</summary>
    /// <param name="recipe">What to run.</param>
    /// <param name="options">Folder for checkpoints, resume, cancellation, observers; its objective is not used.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="shared">What other recipes have made already, and where teachers and reinforced data are kept.</param>
    /// <exception cref="RecipesException">Data are missing or broken, training diverges, or folding moves outputs.</exception>
    public static PairOutcome Run(this IPairRecipe recipe, TrainOptions? options = null, string device = "auto", SharedWork? shared = null)
    {
        var document = recipe.Document;
        options ??= new TrainOptions();
        using var own = shared is null ? new SharedWork() : null;
        var work = new PairWork(document, shared ?? own!, device, options.Cancellation);
        using var test = work.OpenTest();
        var model = document.Model.Build(document.Train.Seed);
        model.to(Devices.Choose(device));
        var (train, objective) = work.OpenTraining(test);
        var agreeing = document.Distill is { Lambda: > 0 } ? train.Widths : null;
        var before = agreeing is null ? default : PairAgreement.Measure(model, train, agreeing);
        var training = Trainer.Train(
            model,
            document.Train,
            train,
            test.Images,
            options with
            {
                Objective = objective,
                Algorithms = [.. options.Algorithms, new LogitScaleClamp()],
            }
        );
        training.Ema?.Restore(model);
        model.eval();
        Folded<ImageTextNetwork>? folded = null;
        Evaluation? foldedEvaluation = null;
        if (document.Reparameterize is { } fold)
        {
            folded = model.Reparameterize(fold);
            foldedEvaluation = objective.Evaluate(folded.Model, test.Images, new EvaluationOptions(), options.Cancellation);
        }
        if (document.Save is { } file)
            StateDict.Save(folded?.Model ?? model, Path.Combine(options.Folder ?? ".", file));
        var after = agreeing is null ? default : PairAgreement.Measure(model, train, agreeing);
        return new PairOutcome
        {
            Model = model,
            Training = training,
            Evaluation = training.FinalEma ?? training.Final ?? throw new InvalidOperationException("training measured nothing"),
            LeftOut = work.Reports,
            Distilled = agreeing is null ? null : new PairAgreement(before.Pairs, before.Same, after.Same, before.Right),
            Folded = folded,
            FoldedEvaluation = foldedEvaluation,
        };
    }
}
