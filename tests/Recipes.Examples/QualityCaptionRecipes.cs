using Recipes.Data;
using Recipes.Models;
using Recipes.Reproductions;
using Recipes.Training;

namespace Recipes.Examples;

/// <summary>The recipes of recipes/clip-quality-captions.fsx in C#. A test compares their canonical JSON with the F# ones.</summary>
public static class QualityCaptionRecipes
{
    /// <summary>The recipe of an arm with the reproduction's settings as text.</summary>
    /// <param name="arm">Task, encoder and pretraining, for example <c>segment 1 %, mci, alt-text</c>.</param>
    /// <param name="values">The settings by name.</param>
    /// <param name="seed">The seed.</param>
    public static IExperiment Arm(string arm, IReadOnlyDictionary<string, string> values, long seed)
    {
        var (task, encoder, kind) = arm.Split(", ", 3) is [var a, var b, var c] ? (a, b, c) : throw new ArgumentException(arm, nameof(arm));
        var vit = encoder == "vit";
        ModelSpec image = vit
            ? new PlainVitSpec
            {
                Name = "vit_mini",
                ImageSize = Whole("size"),
                Patch = 4,
                Width = 64,
                Layers = 4,
                Heads = 2,
                Classes = 128,
            }
            : Mci.Mini(Whole("width"), 128);
        var rate = Number(vit ? "vit_lr" : "lr");
        var from = kind switch
        {
            "nothing" => Pretraining.None(image, seed),
            "labels" => Pretraining.By(Supervised(image, rate)),
            "labels, twice as wide" => Pretraining.By(Supervised(Mci.Mini(2 * Whole("width"), 128), rate / 2)),
            "masks" => Pretraining.By(Masked((PlainVitSpec)image)),
            "shuffled" => Pretraining.By(Clip(SceneCaption.Shuffled)),
            "alt-text" => Pretraining.By(Clip(SceneCaption.AltText)),
            "names" => Pretraining.By(Clip(SceneCaption.Names)),
            "short" => Pretraining.By(Clip(SceneCaption.Short)),
            "detailed" => Pretraining.By(Clip(SceneCaption.Detailed)),
            _ => Pretraining.By(Clip(SceneCaption.AltText, reinforced: true)),
        };
        var (data, head) = task switch
        {
            "depth" => (Scenes(DenseTask.Depth, 0.1), (DenseHeadSpec)DptSpec.Mini()),
            "boxes" => (Scenes(DenseTask.Boxes, 1), BoxHeadSpec.Mini()),
            "probe" => (Scenes(DenseTask.Segmentation, 1), new LinearDenseSpec()),
            "camvid" => (DenseDatasets.CamVid().For(DenseTask.Segmentation).Sized(48, 64), UPerNetSpec.Mini()),
            "rgbd" => (DenseDatasets.Rgbd().For(DenseTask.Depth).Sized(48, 64), DptSpec.Mini()),
            "segment 1 %" => (Scenes(DenseTask.Segmentation, 0.01), UPerNetSpec.Mini()),
            "segment 100 %" => (Scenes(DenseTask.Segmentation, 1), UPerNetSpec.Mini()),
            _ => (Scenes(DenseTask.Segmentation, 0.1), UPerNetSpec.Mini()),
        };
        var probe = task == "probe";
        var tuned = Recipe
            .For(from)
            .On(data.Batched(16, 16 * Whole("steps")).Augmented(DenseAugment.Usual))
            .Head(head)
            .Depths(16)
            .Optimize(Optim.AdamW((probe ? 3 : 1) * Number("tuning_lr"), weightDecay: 0.05), Schedule.Cosine(warmup: 0.1))
            .Clip(1)
            .Seeded(seed);
        return (probe ? tuned.Frozen() : tuned).Train(1);

        DenseData Scenes(DenseTask what, double share) =>
            DenseDatasets.Scenes(Whole("masks"), Whole("measured"), 5).Labelled(share).For(what).Sized(Whole("size"));

        IPairRecipe Clip(SceneCaption captions, bool reinforced = false)
        {
            var towers = TwoTowers.Of($"clip_{image.Name}", image, MobileClip.Mini(context: 18).Text);
            var mix = reinforced ? CaptionMix.Both : CaptionMix.Real;
            var recipe = Recipe.For(towers).On(Pairs(0, captions, Whole("train"), mix));
            if (reinforced)
                recipe = recipe.Reinforce(
                    new ReinforceStep
                    {
                        Captioner = Captioner(),
                        Augment = StoredAugmentationPolicy.Mild,
                        Views = 2,
                        Captions = 2,
                    }
                );
            return recipe
                .Optimize(Optim.AdamW(rate, weightDecay: 0.1).WithRate("text", 0.01), Warm(0.25, Whole("epochs")))
                .Clip(1)
                .Seeded(seed)
                .Train(Whole("epochs"));
        }

        CaptionerDocument Captioner()
        {
            var good = Pairs(3, SceneCaption.Short, Whole("taught"), CaptionMix.Real);
            var towers = TwoTowers.Of("clip_captioner", Mci.Mini(Whole("width") * 3 / 2, 128), MobileClip.Mini(context: 18).Text);
            var start = Recipe
                .For(towers)
                .On(good)
                .Optimize(Optim.AdamW(8e-3, weightDecay: 0.1).WithRate("text", 0.03), Warm(0.1, Whole("teaching")))
                .Clip(1)
                .Seeded(3)
                .Train(Whole("teaching"));
            return CaptionerDocument.Mini(start.Document, towers.Image, good);
        }

        CaptionData Pairs(long world, SceneCaption captions, int images, CaptionMix mix) =>
            new(new SceneCaptionsSource(images, Whole("test"), world) { Captions = captions, Side = Whole("size") * 3 / 2 })
            {
                Size = Whole("size"),
                BatchSize = 64,
                Augment = StoredAugmentationPolicy.Mild,
                Mix = mix,
            };

        IRecipe Supervised(ModelSpec network, double lr)
        {
            var passes = Whole("epochs") * Whole("train") / Whole("named");
            var scenes = Datasets.Scenes(Whole("named"), Whole("test"), 0).Sized(Whole("size")).Batched(Math.Min(64, Whole("named")));
            return Recipe
                .For(network.WithClasses(10))
                .On(scenes.Augmented(Augment.None.RandomResizedCrop(0.7)))
                .Optimize(Optim.AdamW(lr, weightDecay: 0.1), Warm(0.25, passes))
                .Clip(1)
                .Seeded(seed)
                .Train(passes);
        }

        MaskedRecipe Masked(PlainVitSpec network) =>
            Recipe
                .For(MaeSpec.Mini(network))
                .On(Datasets.Scenes(Whole("train"), Whole("test"), 0).Sized(Whole("size")).Batched(64))
                .Optimize(Optim.AdamW(2e-3, weightDecay: 0.05), Warm(0.1, Whole("masked_epochs")))
                .Clip(1)
                .Seeded(seed)
                .Train(Whole("masked_epochs"));

        static Schedule Warm(double share, int epochs) => Schedule.Cosine(warmup: share * epochs);
        int Whole(string setting) => int.Parse(values[setting]);
        double Number(string setting) => double.Parse(values[setting]);
    }
}
