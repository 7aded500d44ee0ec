namespace Recipes.Verbs;

/// <summary>Two parts compared on a set of images, in evaluation mode.</summary>
/// <param name="Cosine">Mean cosine over images and places, −1 to 1.</param>
/// <param name="Distance">The distance that was learned, without its weight.</param>
public readonly record struct FeatureMeasure(double Cosine, double Distance);

/// <summary>How alike a part of a student and a part of one teacher are on the test images, after the learned map where there is one.</summary>
/// <param name="Name">The teacher's name.</param>
/// <param name="Student">The path of the student's part.</param>
/// <param name="Teacher">The path of the teacher's part.</param>
/// <param name="Before">Before training; with a map as it was drawn.</param>
/// <param name="After">After training, with the map as it was learned.</param>
public sealed record FeatureSimilarity(string Name, string Student, string Teacher, FeatureMeasure Before, FeatureMeasure After);
