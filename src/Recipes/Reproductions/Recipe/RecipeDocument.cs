using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Display;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>
/// Everything that a recipe is, as data: what both languages build, what runs, and what <c>recipe.json</c> holds. Nothing
/// happens until it runs.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record RecipeDocument : IDisplay
{
    /// <summary>The network.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>The images and how they come in batches.</summary>
    public required ImageData Data { get; init; }

    /// <summary>How to train.</summary>
    public required TrainPlan Train { get; init; }

    /// <summary>Teachers to learn from while training; null trains on labels alone.</summary>
    public DistillStep? Distill { get; init; }

    /// <summary>Folding after training; null leaves the train-time form.</summary>
    public ReparameterizeOptions? Reparameterize { get; init; }

    /// <summary>Corruptions of the test images on which the final network is measured too, at all severities; null for none.</summary>
    public IReadOnlyList<CorruptionKind>? Corrupt { get; init; }

    /// <summary>Where to save the final weights as safetensors, relative to the run's folder; null for nowhere.</summary>
    public string? Save { get; init; }

    /// <summary>Where to export the final network as ONNX, relative to the run's folder; null for nowhere.</summary>
    public string? Export { get; init; }

    /// <summary>The canonical JSON: equal recipes have equal text.</summary>
    public JsonNode ToJson() => CanonicalJson.Of(this);

    /// <summary>The recipe as a table, with its JSON.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The recipe as a table of text.</summary>
    public override string ToString() => Show().ToString();

    private JsonBlock Show() => new(ToJson(), $"{Model.Name} on {Data.Source.Name}, {Train.Epochs} epochs");

    internal RecipeDocument Exported(string file)
    {
        var document = this with { Export = file };
        RecipesException.ThrowIfAny("this recipe cannot run:", document.Problems());
        return document;
    }

    /// <summary>Everything that keeps the recipe from running, without touching files.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = Train.Problems().Concat(Data.Problems()).ToList();
        if (Data.Source.ClassCount is { } classes && classes != Model.Classes)
            problems.Add($"model: {Model.Name} has {Model.Classes} classes, {Data.Source.Name} has {classes}");
        if (Export is not null && !Export.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            problems.Add($"export: expected a name that ends in .onnx, found {Export}");
        problems.AddRange(Distill?.Problems(Model) ?? []);
        return problems;
    }
}

/// <summary>A recipe of an image network that can run.</summary>
public interface IRecipe : IExperiment
{
    /// <summary>What it is.</summary>
    RecipeDocument Document { get; }

    JsonNode IExperiment.ToJson() => Document.ToJson();

    ArmResult IExperiment.Run(string arm, long seed, Surroundings surroundings)
    {
        using var outcome = this.Run(surroundings.Training, surroundings.Device, surroundings.Shared.Images);
        return ArmResults.From(arm, seed, Document.ToJson(), outcome);
    }
}
