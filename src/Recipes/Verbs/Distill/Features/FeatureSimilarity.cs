namespace Recipes.Verbs;

/// <summary>How alike a part of a student and a part of one teacher are on the test images: the mean cosine, after the learned map where there is one.</summary>
/// <param name="Name">The teacher's name.</param>
/// <param name="Student">The path of the student's part.</param>
/// <param name="Teacher">The path of the teacher's part.</param>
/// <param name="Before">Before training, −1 to 1; with a map as it was drawn.</param>
/// <param name="After">After training, with the map as it was learned.</param>
public sealed record FeatureSimilarity(string Name, string Student, string Teacher, double Before, double After);
