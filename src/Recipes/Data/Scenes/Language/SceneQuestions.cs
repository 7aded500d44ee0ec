using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>What a question is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SceneQuestionKind>))]
public enum SceneQuestionKind
{
    /// <summary>An object's colour.</summary>
    Color,

    /// <summary>An object's pattern.</summary>
    Pattern,

    /// <summary>How many objects there are.</summary>
    Count,

    /// <summary>Whether something is left, right, above or below.</summary>
    Relation,

    /// <summary>What is written.</summary>
    Text,
}

/// <summary>A question about a scene and its answer.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Question">Such as <c>what color is the star</c>.</param>
/// <param name="Answer">Such as <c>red</c>, <c>three</c>, <c>yes</c>.</param>
public sealed record SceneQuestion(SceneQuestionKind Kind, string Question, string Answer);

/// <summary>Questions whose answers follow from a scene; an object is asked about only where its name names one object.</summary>
public static class SceneQuestions
{
    /// <summary>All questions about a scene, in a fixed order.</summary>
    public static IReadOnlyList<SceneQuestion> Questions(this Scene scene)
    {
        var questions = new List<SceneQuestion>
        {
            new(SceneQuestionKind.Count, "how many objects are there", SceneWords.Number(scene.Objects.Count)),
            new(SceneQuestionKind.Text, "what does the sign say", scene.Word?.Text.ToLowerInvariant() ?? "nothing"),
        };
        var main = scene.Main;
        foreach (var thing in scene.Objects.Where(o => scene.Objects.Count(other => other.Shape == o.Shape) == 1))
        {
            var name = SceneWords.Of(thing.Shape);
            questions.Add(new(SceneQuestionKind.Color, $"what color is the {name}", SceneWords.Of(thing.Color)));
            questions.Add(new(SceneQuestionKind.Pattern, $"what pattern is on the {name}", SceneWords.Of(thing.Pattern)));
            if (!ReferenceEquals(thing, main) && scene.Objects.Count(other => other.Shape == main.Shape) == 1)
                questions.AddRange(Relations(thing, main));
        }
        return questions;
    }

    // Half of what is asked is so.
    private static IEnumerable<SceneQuestion> Relations(SceneObject thing, SceneObject main)
    {
        var (name, other) = (SceneWords.Of(thing.Shape), SceneWords.Of(main.Shape));
        var sideways = Math.Abs(thing.X - main.X) >= Math.Abs(thing.Y - main.Y);
        foreach (var (words, holds) in Sides(thing, main, sideways))
            yield return new(SceneQuestionKind.Relation, $"is the {name} {words} the {other}", holds ? "yes" : "no");
    }

    private static (string, bool)[] Sides(SceneObject thing, SceneObject main, bool sideways) =>
        sideways
            ? [("to the left of", thing.X < main.X), ("to the right of", thing.X > main.X)]
            : [("above", thing.Y < main.Y), ("below", thing.Y > main.Y)];
}
