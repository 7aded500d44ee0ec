using Recipes.Data;
using Recipes.Models;
using Recipes.Reproductions;
using Recipes.Training;

namespace Recipes.Examples;

/// <summary>The recipes of recipes/mobileone.fsx in C#. A test compares their canonical JSON with the F# ones.</summary>
public static class MobileOneRecipes
{
    /// <summary>The recipe of an arm with the reproduction's settings as text.</summary>
    /// <param name="arm">The arm's name, for example <c>k=4</c> or <c>real none</c>.</param>
    /// <param name="scale">The scale, which chooses network and augmentation.</param>
    /// <param name="values">The settings by name.</param>
    /// <param name="seed">The seed.</param>
    public static IRecipe Arm(string arm, Scale scale, IReadOnlyDictionary<string, string> values, long seed)
    {
        var paper = scale == Scale.Paper;
        var images = arm.StartsWith("real", StringComparison.Ordinal) ? values["real"] : values["data"];
        var data = Source(images, values)
            .Sized(Whole("size"))
            .Augmented(paper ? Augment.None.RandomResizedCrop().Flip() : Augment.None.PadCrop(2).Flip())
            .Batched(Whole("batch"));
        var decay = arm == "k=4 constant decay" ? (Schedule)Schedule.Constant() : Schedule.Cosine(end: 0.1);

        return Recipe
            .For(Network(arm, paper ? MobileOne.S0(Whole("classes")) : MobileOne.Mini(Whole("classes"), Whole("width"))))
            .On(data)
            .Optimize(Optim.Sgd(Number("lr"), weightDecay: Number("decay")), Schedule.Cosine(warmup: scale == Scale.Laptop ? 1 : 0))
            .AnnealWeightDecay(decay)
            .LabelSmoothing(0.1)
            .Ema(Number("ema"), warmup: true)
            .Seeded(seed)
            .Train(epochs: Whole("epochs"))
            .Reparameterize(tolerance: 1e-4);

        int Whole(string name) => int.Parse(values[name]);
        double Number(string name) => double.Parse(values[name]);
    }

    private static MobileOneSpec Network(string arm, MobileOneSpec spec) =>
        arm.Replace("real ", "", StringComparison.Ordinal) switch
        {
            "none" => spec.Plain(),
            "k=1" => spec.WithBranches(1),
            _ => spec.WithBranches(4),
        };

    private static ImageSource Source(string images, IReadOnlyDictionary<string, string> values) =>
        Datasets.ByName(images, int.Parse(values["train"]), int.Parse(values["test"]), values["folder"]);
}
