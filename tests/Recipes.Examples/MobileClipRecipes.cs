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
        if (arm.StartsWith("emoji", StringComparison.Ordinal))
            return Emoji();
        var stored = new ReinforceStep
        {
            By = [Teacher(1), Teacher(2)],
            Captioner = CaptionerDocument.Mini(Teacher(1), Network(3).Image, Taught(3), Whole("captioning")),
            Augment = arm is "strong" or "all" ? StoredAugmentationPolicy.Strong : StoredAugmentationPolicy.Mild,
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
        var recipe = Recipe.For(Network(2)).On(Pairs(0, SceneCaption.AltText, Whole("train"), mix));
        if (arm != "plain")
            recipe = recipe.Reinforce(
                arm switch
                {
                    "distill" or "strong" => stored.With(teachers: 1),
                    "1 view" => stored.With(views: 1),
                    "2 views" => stored.With(views: 2),
                    "1 caption" => stored.With(captions: 1),
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
        return recipe
            .Optimize(Optimizer(Number("lr"), Number("text_lr")), Warm(0.25, Whole("epochs")))
            .Clip(1)
            .Seeded(seed)
            .Train(Whole("epochs"))
            .Reparameterize();

        IExperiment Emoji()
        {
            var tars = Datasets.Shards("emoji/emoji-noto-000000.tar").WithTest("emoji/emoji-emojitwo-000000.tar").SkipBad();
            var network = MobileClip.Mini(Whole("width"), Whole("embedding"), vocabulary: ClipTokenizer.Known, context: 16);
            var augment = arm == "emoji, as they are" ? null : StoredAugmentationPolicy.Mild;
            var start = Recipe
                .For(network)
                .On(
                    new CaptionData(tars)
                    {
                        Size = Whole("size"),
                        BatchSize = 64,
                        Augment = augment,
                    }
                );
            if (arm == "emoji, stored crops")
                start = start.Reinforce(new ReinforceStep { Augment = augment!, Views = Whole("views") });
            return start.Optimize(Optimizer(4e-3, 0.1), Warm(0.1, Whole("drawings"))).Clip(1).Seeded(seed).Train(Whole("drawings"));
        }

        PairRecipeDocument Teacher(long number) =>
            Recipe
                .For(Network(3))
                .On(Taught(number))
                .Optimize(Optimizer(8e-3, 0.03), Warm(0.1, Whole("teaching")))
                .Clip(1)
                .Seeded(number)
                .Train(Whole("teaching"))
                .Document;

        static OptimizerSpec Optimizer(double rate, double text) => Optim.AdamW(rate, weightDecay: 0.1).WithRate("text_encoder", text);
        static Schedule Warm(double share, int epochs) => Schedule.Cosine(warmup: share * epochs);

        MobileClipSpec Network(int halves) => MobileClip.Mini(halves * Whole("width") / 2, Whole("embedding"), context: 16);

        CaptionData Taught(long world) => Pairs(world, SceneCaption.Short, Whole("taught"), CaptionMix.Real);

        CaptionData Pairs(long world, SceneCaption captions, int images, CaptionMix kinds) =>
            new(new SceneCaptionsSource(images, Whole("test"), world) { Captions = captions, Side = Whole("size") * 3 / 2 })
            {
                Size = Whole("size"),
                BatchSize = Whole("batch"),
                Augment = StoredAugmentationPolicy.Mild,
                Mix = kinds,
            };

        double Last() => double.Parse(arm.Split(' ')[^1]);
        int Whole(string setting) => int.Parse(values[setting]);
        double Number(string setting) => double.Parse(values[setting]);
    }
}
