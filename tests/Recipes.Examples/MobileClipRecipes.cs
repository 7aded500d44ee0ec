using Recipes.Data;
using Recipes.Models;
using Recipes.Reproductions;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Examples;

/// <summary>The recipes of recipes/mobileclip.fsx in C#. A test compares their canonical JSON with the F# ones.</summary>
public static class MobileClipRecipes
{
    /// <summary>The recipe of an arm with the reproduction's settings as text.</summary>
    /// <param name="arm">The arm's name, for example <c>ensemble</c>.</param>
    /// <param name="values">The settings by name.</param>
    /// <param name="seed">The seed.</param>
    public static IExperiment Arm(string arm, IReadOnlyDictionary<string, string> values, long seed)
    {
        var schedule = Schedule.Cosine(warmup: 0.5);
        var optimizer = Optim.AdamW(Number("lr"), weightDecay: Number("decay"));
        var stored = new ReinforceStep
        {
            By = [Teacher(1), Teacher(2)],
            Captioner = new CaptionerDocument
            {
                Model = CoCa.Mini(Whole("size")),
                Data = Pairs(3, SceneCaption.Short, CaptionMix.Real),
                Train = new TrainPlan
                {
                    Epochs = Whole("captioning"),
                    Optimizer = Optim.AdamW(3e-3),
                    LearningRate = schedule,
                    Seed = 3,
                },
            },
            Augment = arm is "captions" or "distill" ? StoredAugmentationPolicy.Weak : StoredAugmentationPolicy.Strong,
            Views = Whole("views"),
            Captions = Whole("captions"),
        };
        var mix = arm switch
        {
            "plain" or "real captions" => CaptionMix.Real,
            "synthetic captions" => CaptionMix.Synthetic,
            "either caption" => CaptionMix.Either,
            _ => CaptionMix.Both,
        };
        var recipe = Recipe.For(Network(2)).On(Pairs(0, SceneCaption.AltText, mix));
        if (arm != "plain")
            recipe = recipe.Reinforce(
                arm switch
                {
                    "distill" or "strong" => stored.With(teachers: 1),
                    "1 view" => stored.With(views: 1),
                    "2 views" => stored.With(views: 2),
                    "1 caption" => stored.With(captions: 1),
                    "2 captions" => stored.With(captions: 2),
                    _ => stored,
                }
            );
        if (arm is not ("plain" or "captions"))
            recipe = recipe.Distill(
                new ContrastiveTargets
                {
                    Lambda = arm.StartsWith("lambda", StringComparison.Ordinal) ? Last() : 1,
                    TeacherScales = [arm.StartsWith("scale", StringComparison.Ordinal) ? Last() : Number("scale")],
                }
            );
        return recipe.Optimize(optimizer, schedule).Clip(1).Seeded(seed).Train(Whole("epochs")).Reparameterize();

        PairRecipeDocument Teacher(long number) =>
            Recipe
                .For(Network(4))
                .On(Pairs(number, SceneCaption.Short, CaptionMix.Real))
                .Optimize(optimizer, schedule)
                .Clip(1)
                .Seeded(number)
                .Train(Whole("teaching"))
                .Document;

        MobileClipSpec Network(int halves) => MobileClip.Mini(halves * Whole("width") / 2, Whole("embedding"));

        CaptionData Pairs(long world, SceneCaption captions, CaptionMix kinds) =>
            new(new SceneCaptionsSource(Whole("train"), Whole("test"), world) { Captions = captions, Side = Whole("size") * 3 / 2 })
            {
                Size = Whole("size"),
                BatchSize = Whole("batch"),
                Augment = StoredAugmentationPolicy.Weak,
                Mix = kinds,
            };

        double Last() => double.Parse(arm.Split(' ')[^1]);
        int Whole(string setting) => int.Parse(values[setting]);
        double Number(string setting) => double.Parse(values[setting]);
    }
}
