using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using TorchSharp;

namespace Recipes.Reproductions;

/// <summary>
/// What a step costs, in milliseconds: plain, from a reinforced set, and with teachers and captioner running at each step (MobileCLIP, arXiv 2311.17049, compares
/// hours of an epoch: 1.3, 1.3 and 21.1; with stored captions and online teachers 4.1).
/// </summary>
/// <param name="Plain">One caption an image, crops and operations drawn anew.</param>
/// <param name="Reinforced">One caption an image, replayed augmentations, distillation from stored embeddings.</param>
/// <param name="Both">The same with a real and a synthetic caption of each image.</param>
/// <param name="OnlineTeachers">Both captions, stored; teachers run.</param>
/// <param name="Online">Both captions; teachers and captioner run.</param>
public sealed record PairEpochs(Latency Plain, Latency Reinforced, Latency Both, Latency OnlineTeachers, Latency Online)
{
    /// <summary>Times steps of a recipe in its five forms, which take turns.</summary>
    /// <param name="recipe">A recipe that reinforces with teachers and a captioner, and distils.</param>
    /// <param name="shared">Where its teachers and reinforced data are, or are made.</param>
    /// <param name="steps">Steps of one timing.</param>
    /// <param name="rounds">Timings of each form.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <exception cref="RecipesException">The recipe does not reinforce with teachers and a captioner.</exception>
    public static PairEpochs Measure(PairRecipeDocument recipe, SharedWork shared, int steps, int rounds, string device = "auto")
    {
        if (recipe.Reinforce is not { Captioner: { } captioner, By.Count: > 0 } step || recipe.Distill is null)
            throw new RecipesException(
                $"{recipe.Model.Name}: expected a recipe that reinforces with teachers and a captioner, and distils."
            );
        var work = new PairWork(recipe, shared, device, CancellationToken.None);
        using var test = work.OpenTest();
        var (both, distilled) = work.OpenTraining(test);
        var one = work with { Document = recipe with { Data = recipe.Data with { Mix = CaptionMix.Either } } };
        var plain = work with
        {
            Document = recipe with
            {
                Data = recipe.Data with { Mix = CaptionMix.Real, Augment = step.Augment },
                Reinforce = null,
                Distill = null,
            },
        };
        var live = new ContrastiveDistillation(recipe.Distill, [.. step.By.Select(t => work.Teacher(t).Network)]);
        var (plainBatches, contrastive) = plain.OpenTraining(test);
        var online = new OnlineBatches(work.Images, plainBatches, work.Captioner(captioner), recipe.Data.Source.OpenTokenizer());
        var times = Latency.Compare(
            [
                Form(plainBatches, contrastive),
                Form(one.OpenTraining(test).Train, distilled),
                Form(both, distilled),
                Form(both, live),
                Form(online, live),
            ],
            rounds
        );
        return new PairEpochs(Step(0), Step(1), Step(2), Step(3), Step(4));

        Latency Step(int form) => new(times[form].Median / steps, times[form].P95 / steps);

        Action Form(IBatchSource source, PairObjective objective)
        {
            var model = recipe.Model.Build(recipe.Train.Seed);
            model.to(Devices.Choose(device));
            var plan = recipe.Train with
            {
                MaxSteps = steps,
                Epochs = Math.Max(1, (steps + source.BatchesPerEpoch - 1) / source.BatchesPerEpoch),
                Ema = null,
            };
            return () => Trainer.Train(model, plan, source, null, new TrainOptions { Objective = objective }).Dispose();
        }
    }

    /// <summary>What a step costs, over a plain one.</summary>
    public static IReadOnlyList<ClaimDefinition> Claims(Measurement<PairEpochs> steps)
    {
        return
        [
            Step(
                "reinforced",
                "A step from the reinforced set costs what a plain one does, one caption each.",
                "1.3",
                s => s.Reinforced,
                Bound.AtMost(1.1)
            ),
            Step(
                "online/teachers",
                "With teachers at each step it costs at least twice as much.",
                "4.1",
                s => s.OnlineTeachers,
                Bound.AtLeast(2)
            ),
            Step("online", "With the captioner too, more.", "21.1", s => s.Online, Bound.AtLeast(2)),
        ];

        ClaimDefinition Step(string id, string statement, string hours, Func<PairEpochs, Latency> form, Bound bound) =>
            ClaimDefinition.Of(
                $"step/{id}",
                ClaimKind.Ratio,
                statement,
                new PaperValue("an epoch of 12.8 M, 8 A100", $"{hours} h against 1.3 h"),
                "x",
                run =>
                {
                    var (ours, plain) = (form(run.Get(steps)).Median, run.Get(steps).Plain.Median);
                    return new Measured(ours / plain, FormattableString.Invariant($"{ours:F0} against {plain:F0} ms a step"));
                },
                bound
            );
    }
}
