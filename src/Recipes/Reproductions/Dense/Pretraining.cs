using System.Text.Json.Serialization;
using Recipes.Data;
using Recipes.Models;
using TorchSharp;

namespace Recipes.Reproductions;

/// <summary>What an encoder learns before it is fine-tuned. Equal pretrainings of a run are trained once.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "from")]
[JsonDerivedType(typeof(FreshWeightsOf), "nothing")]
[JsonDerivedType(typeof(PretrainedByLabels), "labels")]
[JsonDerivedType(typeof(PretrainedByCaptions), "captions")]
[JsonDerivedType(typeof(PretrainedByMasks), "masks")]
public abstract record Pretraining
{
    /// <summary>Nothing: fresh weights.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="seed">Of its weights.</param>
    public static Pretraining None(ModelSpec encoder, long seed = 0) => new FreshWeightsOf(encoder, seed);

    /// <summary>Supervised: the classes of images.</summary>
    public static Pretraining By(IRecipe recipe) => new PretrainedByLabels(recipe.Document);

    /// <summary>CLIP: images and their captions; the image tower goes on.</summary>
    public static Pretraining By(IPairRecipe recipe) => new PretrainedByCaptions(recipe.Document);

    /// <summary>MAE: what is hidden of images; the encoder goes on.</summary>
    public static Pretraining By(MaskedRecipe recipe) => new PretrainedByMasks(recipe.Document);

    /// <summary>Everything that keeps it from running.</summary>
    public abstract IReadOnlyList<string> Problems();

    /// <summary>What it is, for who waits: <c>vit_mini on captions</c>.</summary>
    [JsonIgnore]
    public abstract string Title { get; }

    // The trained encoder, which belongs to the shared work: copy it before it is trained further.
    internal PretrainedEncoder Encoder(Surroundings surroundings)
    {
        var identity = CanonicalJson.Of(this);
        return surroundings.Shared.Get(
            "encoder",
            identity,
            folder =>
            {
                var training = surroundings.Training with
                {
                    Folder = folder,
                    Resume = true,
                    EvaluateEvery = int.MaxValue,
                    Observers = surroundings.Shared.Announce(Title),
                };
                return Make(surroundings with { Training = training });
            }
        );
    }

    private protected abstract PretrainedEncoder Make(Surroundings surroundings);
}

/// <summary>Fresh weights.</summary>
internal sealed record FreshWeightsOf(ModelSpec Model, long Seed) : Pretraining
{
    public override string Title => $"{Model.Name}, fresh";

    public override IReadOnlyList<string> Problems() => [];

    private protected override PretrainedEncoder Make(Surroundings surroundings)
    {
        var network = Model.Build(Seed);
        network.to(Devices.Choose(surroundings.Device));
        return new PretrainedEncoder(network, network, 0, 0);
    }
}

internal sealed record PretrainedByLabels(RecipeDocument Recipe) : Pretraining
{
    public override string Title => $"the encoder {Recipe.Model.Name} on labels, seed {Recipe.Train.Seed}";

    public override IReadOnlyList<string> Problems() => [.. Recipe.Problems().Select(p => "pretrain." + p)];

    private protected override PretrainedEncoder Make(Surroundings surroundings)
    {
        var outcome = new TrainedRecipe(Recipe).Run(surroundings.Training, surroundings.Device, surroundings.Shared.Images);
        return new PretrainedEncoder(outcome.Model, outcome, outcome.Training.Seconds, outcome.Training.Steps * Recipe.Data.BatchSize)
        {
            Top1 = 100 * outcome.Evaluation.Top1,
        };
    }
}

internal sealed record PretrainedByCaptions(PairRecipeDocument Recipe) : Pretraining
{
    public override string Title => $"the encoder of {Recipe.Model.Name} on {Recipe.Data.Source.Name}'s captions, seed {Recipe.Train.Seed}";

    public override IReadOnlyList<string> Problems() => [.. Recipe.Problems().Select(p => "pretrain." + p)];

    private protected override PretrainedEncoder Make(Surroundings surroundings)
    {
        var outcome = new TrainedPairRecipe(Recipe).Run(surroundings.Training, surroundings.Device, surroundings.Shared);
        return new PretrainedEncoder(outcome.Model.Image, outcome, outcome.Training.Seconds, outcome.Training.Steps * Recipe.Data.BatchSize)
        {
            Top1 = 100 * outcome.Evaluation.Top1,
        };
    }
}

internal sealed record PretrainedByMasks(MaskedRecipeDocument Recipe) : Pretraining
{
    public override string Title => $"the encoder {Recipe.Model.Encoder.Name} on hidden patches, seed {Recipe.Train.Seed}";

    public override IReadOnlyList<string> Problems() => [.. Recipe.Problems().Select(p => "pretrain." + p)];

    private protected override PretrainedEncoder Make(Surroundings surroundings)
    {
        var outcome = new MaskedRecipe(Recipe).Run(surroundings.Training, surroundings.Device, surroundings.Shared.Images);
        return new PretrainedEncoder(
            outcome.Model.Encoder,
            outcome,
            outcome.Training.Seconds,
            outcome.Training.Steps * Recipe.Data.BatchSize
        );
    }
}
