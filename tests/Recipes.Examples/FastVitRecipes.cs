using Recipes.Data;
using Recipes.Layers;
using Recipes.Models;
using Recipes.Reproductions;
using Recipes.Training;

namespace Recipes.Examples;

/// <summary>The recipes of recipes/fastvit.fsx in C#. A test compares their canonical JSON with the F# ones.</summary>
public static class FastVitRecipes
{
    /// <summary>The recipe of an arm with the reproduction's settings as text.</summary>
    /// <param name="arm">The arm's name, for example <c>one branch</c> or <c>real vit</c>.</param>
    /// <param name="scale">The scale, which chooses network and augmentation.</param>
    /// <param name="values">The settings by name.</param>
    /// <param name="seed">The seed.</param>
    public static IRecipe Arm(string arm, Scale scale, IReadOnlyDictionary<string, string> values, long seed)
    {
        var paper = scale == Scale.Paper;
        var network = paper ? FastVit.S12(Whole("classes")) : FastVit.Mini(Whole("classes"), Whole("width"));
        var name = arm.Replace("real ", "", StringComparison.Ordinal);
        ModelSpec model =
            name == "vit"
                ? PlainVit.Near(network, Whole("size"), paper ? 16 : Whole("size") / 8)
                : name switch
                {
                    "one branch" => network.Plain(),
                    "small kernels" => network.WithKernels(3, 3),
                    "pooling" => network.WithMixer(TokenMixer.Pooling),
                    "no mixer" => network.WithMixer(TokenMixer.Identity),
                    "attention" => network.WithAttention(),
                    _ => network,
                };
        var images = arm.StartsWith("real", StringComparison.Ordinal) ? values["real"] : values["data"];
        var augment = paper
            ? Augment.None.RandomResizedCrop().Flip().RandAugment(2, 9, 0.5, RandAugmentPolicy.Increasing).Erase()
            : Augment.None.PadCrop(2).Flip();

        var trained = Recipe
            .For(model)
            .On(Source(images, values).Sized(Whole("size")).Augmented(augment).Batched(Whole("batch")))
            .Optimize(
                Optim.AdamW(Number("lr"), weightDecay: Number("decay")),
                Schedule.Cosine(
                    warmup: scale switch
                    {
                        Scale.Smoke => 0,
                        Scale.Laptop => 1,
                        _ => 5,
                    }
                )
            )
            .LabelSmoothing(0.1)
            .Ema(Number("ema"), warmup: true)
            .Seeded(seed)
            .Train(epochs: Whole("epochs"));

        return name switch
        {
            "vit" => trained.Corrupt(Corruption.Kinds),
            "fastvit" => trained.Reparameterize().Corrupt(Corruption.Kinds),
            _ => trained.Reparameterize(),
        };

        int Whole(string setting) => int.Parse(values[setting]);
        double Number(string setting) => double.Parse(values[setting]);
    }

    private static ImageSource Source(string images, IReadOnlyDictionary<string, string> values) =>
        Datasets.ByName(images, int.Parse(values["train"]), int.Parse(values["test"]), values["folder"]);
}
