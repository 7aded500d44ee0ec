using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using TorchSharp;

namespace Recipes.Reproductions;

/// <summary>A masked autoencoder without images yet.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MaskedModelRecipe(MaeSpec Model) : IDisplay
{
    /// <summary>The network.</summary>
    public string ToHtml() => Model.ToHtml();

    /// <summary>The network as text.</summary>
    public override string ToString() => Model.ToString();

    /// <summary>Learns from these images; their labels are not looked at.</summary>
    public MaskedTrainingRecipe On(ImageData data) => new(Model, data, new TrainPlan { Epochs = 1 });
}

/// <summary>A masked autoencoder with images; how it trains can still change.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MaskedTrainingRecipe(MaeSpec Model, ImageData Data, TrainPlan Plan)
    : PlannedRecipe<MaskedTrainingRecipe>(Plan),
        IDisplay
{
    /// <summary>The recipe so far as a table.</summary>
    public string ToHtml() => Document(Plan).ToHtml();

    /// <summary>The recipe so far as a table of text.</summary>
    public override string ToString() => Document(Plan).ToString();

    /// <summary>Trains for this many passes over the images.</summary>
    /// <exception cref="RecipesException">Something in the recipe cannot run; all problems together.</exception>
    public MaskedRecipe Train(int epochs)
    {
        var document = Document(Plan with { Epochs = epochs });
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return new MaskedRecipe(document);
    }

    private MaskedRecipeDocument Document(TrainPlan plan) =>
        new()
        {
            Model = Model,
            Data = Data,
            Train = plan,
        };
}

/// <summary>A recipe of a masked autoencoder that can run.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record MaskedRecipe(MaskedRecipeDocument Document) : IExperiment, IDisplay
{
    /// <summary>The recipe as a table.</summary>
    public string ToHtml() => Document.ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Document.ToString();

    /// <inheritdoc/>
    public JsonNode ToJson() => Document.ToJson();

    /// <summary>Trains and measures the loss on the test images.</summary>
    /// <param name="options">Folder for checkpoints, resume, cancellation, observers; its objective is not used.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="opened">Images that are open already; null opens them.</param>
    /// <exception cref="RecipesException">Data are missing or broken, or training diverges.</exception>
    public MaskedOutcome Run(TrainOptions? options = null, string device = "auto", OpenedImages? opened = null)
    {
        var plan = Document.Train;
        var (train, test) = ImageBatches.Open(Document.Data, plan.Seed, opened ?? new OpenedImages());
        var model = Document.Model.Build(plan.Seed);
        model.to(Devices.Choose(device));
        options = (options ?? new TrainOptions()) with { Objective = MaskedAutoencoding.Objective };
        var training = Trainer.Train(model, plan, train, test, options);
        training.Ema?.Restore(model);
        model.eval();
        return new MaskedOutcome { Model = model, Training = training };
    }

    ArmResult IExperiment.Run(string arm, long seed, Surroundings surroundings)
    {
        using var outcome = Run(surroundings.Training, surroundings.Device, surroundings.Shared.Images);
        return ArmResults.From(arm, seed, ToJson(), outcome.Training, outcome.Training.FinalEma ?? outcome.Training.Final!);
    }
}

/// <summary>A trained masked autoencoder. Owns its network.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class MaskedOutcome : IDisposable, IDisplay
{
    /// <summary>The trained network in evaluation mode, with averaged weights where the recipe averages.</summary>
    public required Mae Model { get; init; }

    /// <summary>How training went.</summary>
    public required TrainResult Training { get; init; }

    /// <summary>How training went.</summary>
    public string ToHtml() => Training.ToHtml();

    /// <summary>How training went, as text.</summary>
    public override string ToString() => Training.ToString();

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        Model.Dispose();
        Training.Dispose();
    }
}
