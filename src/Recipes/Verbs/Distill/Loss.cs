namespace Recipes.Verbs;

/// <summary>The losses that a verb can be told: <c>by: Loss.SoftTargets(temperature: 4) + Loss.Feature("stage3", "stage3")</c>.</summary>
public static class Loss
{
    /// <summary>The labels alone, to which features are added.</summary>
    public static SoftTargets Labels { get; } = new() { Lambda = 0 };

    /// <summary>Labels and teachers' softmaxes; see <see cref="Verbs.SoftTargets"/>.</summary>
    /// <param name="temperature">T, above 0.</param>
    /// <param name="lambda">The teachers' share, 0 to 1.</param>
    public static SoftTargets SoftTargets(double temperature = 4, double lambda = 0.75) =>
        new() { Temperature = temperature, Lambda = lambda };

    /// <summary>What a part of the student puts out, and a part of the teacher; see <see cref="FeatureTargets"/>.</summary>
    /// <param name="student">The path of the student's part.</param>
    /// <param name="teacher">The path of the teacher's part.</param>
    /// <param name="distance">Cosine or mean square.</param>
    /// <param name="weight">Its factor beside the other losses.</param>
    /// <param name="project">Whether a linear map is learned where widths differ.</param>
    public static FeatureTargets Feature(
        string student,
        string teacher,
        FeatureDistance distance = FeatureDistance.Cosine,
        double weight = 1,
        bool project = false
    ) =>
        new()
        {
            Student = student,
            Teacher = teacher,
            Distance = distance,
            Weight = weight,
            Project = project,
        };
}
