using Recipes.Models;
using Recipes.Verbs;

namespace Recipes.Reproductions;

/// <summary>The verb distill as a step of a recipe: the training learns from these teachers too.</summary>
public sealed record DistillStep
{
    /// <summary>The teachers, each a recipe of its own that runs first; folded where it folds.</summary>
    public required IReadOnlyList<RecipeDocument> From { get; init; }

    /// <summary>Labels and the teachers' softmaxes.</summary>
    public SoftTargets By { get; init; } = new();

    /// <summary>Losses of features beside; null for none.</summary>
    public IReadOnlyList<FeatureTargets>? Features { get; init; }

    /// <summary>Everything that keeps these teachers from teaching this student, their own problems included.</summary>
    public IEnumerable<string> Problems(ModelSpec student)
    {
        if (From.Count == 0)
            yield return "distill.from: expected at least 1 teacher, found 0";
        foreach (var problem in By.Problems().Concat((Features ?? []).SelectMany(f => f.Problems())))
            yield return $"distill.by.{problem}";
        foreach (var (teacher, number) in From.Select((t, i) => (t, i + 1)))
        {
            foreach (var problem in teacher.Problems())
                yield return $"distill.from, teacher {number}: {problem}";
            if (teacher.Model.Classes != student.Classes)
                yield return $"distill.from, teacher {number}: {teacher.Model.Name} has {teacher.Model.Classes} classes, "
                    + $"the student {student.Name} has {student.Classes}";
        }
    }
}
