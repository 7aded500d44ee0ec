using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What a network made of a batch of images with one or two captions each.</summary>
/// <param name="Image"><c>[B, D]</c>, length 1.</param>
/// <param name="Texts">For each kind of caption <c>[B, D]</c>, length 1.</param>
/// <param name="Scale">The factor of their products, a scalar.</param>
public sealed record PairOutputs(Tensor Image, IReadOnlyList<Tensor> Texts, Tensor Scale);

/// <summary>Names of what a batch of pairs carries besides images and tokens.</summary>
public static class PairBatch
{
    /// <summary>The teachers' image embeddings, <c>[B, ΣD_k]</c>.</summary>
    public const string TeacherImage = "teacher_image";

    /// <summary>The teachers' text embeddings, <c>[B, C, ΣD_k]</c> for C kinds of captions.</summary>
    public const string TeacherText = "teacher_text";
}
