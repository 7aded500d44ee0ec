using System.Globalization;

namespace Recipes.Verbs;

/// <summary>What reinforcement stored.</summary>
/// <param name="Images">Images.</param>
/// <param name="Views">Augmentations of each image.</param>
/// <param name="Teachers">The teachers' names.</param>
/// <param name="Classes">Classes that teachers know.</param>
/// <param name="Kept">Classes kept of each opinion.</param>
/// <param name="TeacherPasses">Images that went through a teacher, once and for all.</param>
/// <param name="BytesStored">Bytes of the seed and the opinions.</param>
/// <param name="ImageBytes">Bytes of one image at its size, for comparison.</param>
public sealed record ReinforceEvidence(
    int Images,
    int Views,
    IReadOnlyList<string> Teachers,
    int Classes,
    int Kept,
    long TeacherPasses,
    long BytesStored,
    long ImageBytes
)
{
    /// <summary>Bytes stored for one image, all its views and teachers.</summary>
    public double BytesPerImage => (double)BytesStored / Images;

    /// <summary>One line a fact.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            reinforce: {Images:N0} images, {Views} augmentations each, by {Teachers.Count} teacher{(Teachers.Count == 1 ? "" : "s")} ({string.Join(
                ", ",
                Teachers
            )})
              stored          {BytesStored, 12:N0} bytes: a seed, and {Kept} of {Classes} classes of {(long)Images * Views * Teachers.Count:N0} opinions
              per image       {BytesPerImage, 12:N1} bytes (the image itself: {ImageBytes:N0})
              teacher passes  {TeacherPasses, 12:N0} images, and none in training
            """
        );
}
