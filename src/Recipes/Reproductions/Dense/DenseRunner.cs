using System.Text.Json.Nodes;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;
using Recipes.Weights;

namespace Recipes.Reproductions;

/// <summary>Runs recipes of dense prediction.</summary>
public static class DenseRunner
{
    /// <summary>Trains the encoder unless another recipe of the run has, fine-tunes a copy of it, measures, saves and exports.</summary>
    /// <param name="recipe">What to run.</param>
    /// <param name="options">Folder for checkpoints, resume, cancellation, observers; its objective is not used.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="shared">What other recipes have made already; null keeps nothing.</param>
    /// <param name="pictures">Test pictures that the evidence shows.</param>
    /// <exception cref="RecipesException">Data are missing or broken, training diverges, or the export differs.</exception>
    public static DenseOutcome Run(
        this TrainedDenseRecipe recipe,
        TrainOptions? options = null,
        string device = "auto",
        SharedWork? shared = null,
        int pictures = 4
    )
    {
        using var own = shared is null ? new SharedWork() : null;
        return Run(recipe, new Surroundings(options ?? new TrainOptions(), device, shared ?? own!), pictures);
    }

    internal static DenseOutcome Run(TrainedDenseRecipe recipe, Surroundings surroundings, int pictures = 0)
    {
        var (document, training) = (recipe.Document, surroundings.Training);
        var encoder = document.Pretrain.Encoder(surroundings);
        var tuned = encoder.Network.FineTune(document.Data, document.FineTune with { Pictures = pictures }, training);
        var folder = training.Folder ?? ".";
        if (document.Save is { } file)
            StateDict.Save(tuned.Model, Path.Combine(folder, file));
        var exported = document.Export is { } onnx
            ? tuned.Model.Export(Path.Combine(folder, onnx), new ExportOptions { Resolution = document.Data.Height, Check = true })
            : null;
        return new DenseOutcome
        {
            Model = tuned.Model,
            Evidence = tuned.Evidence,
            Training = tuned.Training,
            Pretraining = new PretrainingCost(encoder.Seconds, encoder.Samples, encoder.Top1),
            Exported = exported,
        };
    }
}

/// <summary>What the encoder's pretraining took.</summary>
/// <param name="Seconds">Time.</param>
/// <param name="Samples">Images seen.</param>
/// <param name="Top1">Accuracy of its own test in percent, zero-shot where captions taught; null where there is none.</param>
public sealed record PretrainingCost(double Seconds, long Samples, double? Top1);

/// <summary>What a recipe of dense prediction gave. Owns its network.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class DenseOutcome : IDisposable, IDisplay
{
    private static readonly string[] s_shares = ["miou", "pixelAccuracy", "ap", "ap50", "absRel", "delta1"];

    /// <summary>The fine-tuned network in evaluation mode.</summary>
    public required DenseNetwork Model { get; init; }

    /// <summary>What it learned.</summary>
    public required FineTuneEvidence Evidence { get; init; }

    /// <summary>How fine-tuning went.</summary>
    public required TrainResult Training { get; init; }

    /// <summary>What came before.</summary>
    public required PretrainingCost Pretraining { get; init; }

    /// <summary>What was exported as ONNX; null when the recipe does not export.</summary>
    public ExportEvidence? Exported { get; init; }

    /// <summary>What it learned.</summary>
    public string ToHtml() => Evidence.ToHtml();

    /// <summary>What it learned, as text.</summary>
    public override string ToString() => Evidence.ToString();

    /// <summary>Frees the network.</summary>
    public void Dispose() => Model.Dispose();

    /// <summary>The record of the training; shares are in percent, depths in metres.</summary>
    internal ArmResult Result(string arm, long seed, JsonNode recipe)
    {
        var result = ArmResults.From(arm, seed, recipe, Training, Evidence.Test);
        var numbers = new SortedDictionary<string, double>(result.Numbers.ToDictionary(n => n.Key, n => n.Value), StringComparer.Ordinal)
        {
            ["pretrain_seconds"] = Pretraining.Seconds,
            ["pretrain_samples"] = Pretraining.Samples,
            ["parameters"] = Model.parameters().Sum(p => p.numel()),
            ["encoder_parameters"] = Model.Backbone.parameters().Sum(p => p.numel()),
        };
        foreach (var share in s_shares.Where(numbers.ContainsKey))
            numbers[share] *= 100;
        if (Pretraining.Top1 is { } top1)
            numbers["pretrain_top1"] = top1;
        return result with { Numbers = numbers };
    }
}
