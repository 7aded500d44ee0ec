using Recipes.Data;
using Recipes.Models;
using Recipes.Reproductions;
using Recipes.Verbs;

namespace Recipes.Examples;

/// <summary>Recipes with verbs in C#. Tests compare their canonical JSON with the F# ones.</summary>
public static class VerbRecipes
{
    /// <summary>A student that learns from a teacher which is a recipe too.</summary>
    public static IRecipe Distilled(ModelSpec student, ModelSpec teacher, ImageData images) =>
        Recipe
            .For(student)
            .On(images)
            .Distill(from: Recipe.For(teacher).On(images).Seeded(2).Train(epochs: 1), by: Loss.SoftTargets(temperature: 2))
            .Seeded(5)
            .Train(epochs: 2);

    /// <summary>A student that learns features of a teacher beside labels and softmaxes.</summary>
    public static IRecipe DistilledFeatures(ModelSpec model, ImageData images) =>
        Recipe
            .For(model)
            .On(images)
            .Distill(
                from: Recipe.For(model).On(images).Seeded(2).Train(epochs: 1),
                by: Loss.SoftTargets(temperature: 2) + Loss.Feature("stage2", "stage2")
            )
            .Seeded(5)
            .Train(epochs: 1);
}
