using System.Text.Json.Nodes;
using Recipes.Data;
using Recipes.Models;
using Recipes.Training;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>
/// Everything that a recipe is, as data: what both languages build, what runs, and what <c>recipe.json</c> holds. Nothing
/// happens until it runs.
/// </summary>
public sealed record RecipeDocument
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

    /// <summary>Where to save the final weights as safetensors, relative to the run's folder; null for nowhere.</summary>
    public string? Save { get; init; }

    /// <summary>The canonical JSON: equal recipes have equal text.</summary>
    public JsonNode ToJson() => CanonicalJson.Of(this);

    /// <summary>Everything that keeps the recipe from running, without touching files.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = Train.Problems().Concat(Data.Problems()).ToList();
        if (Data.Source.ClassCount is { } classes && classes != Model.Classes)
            problems.Add($"model: {Model.Name} has {Model.Classes} classes, {Data.Source.Name} has {classes}");
        problems.AddRange(Distill?.Problems(Model) ?? []);
        return problems;
    }
}

/// <summary>A recipe that can run.</summary>
public interface IRecipe
{
    /// <summary>What it is.</summary>
    RecipeDocument Document { get; }
}
