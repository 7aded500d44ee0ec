using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>Whether features can be compared.</summary>
internal static class FeatureShapes
{
    /// <summary>C of <c>[B, C, H, W]</c>, D of <c>[B, T, D]</c> and <c>[B, D]</c>.</summary>
    public static long Width(Tensor features) => features.dim() == 4 ? features.shape[1] : features.shape[^1];

    /// <summary>Why these features of one image cannot be compared.</summary>
    public static IEnumerable<string> Misfits(FeatureTargets target, Tensor student, Tensor teacher)
    {
        var forms = $"student {Text(student)}, teacher {Text(teacher)}";
        if (student.dim() is < 2 or > 4 || teacher.dim() is < 2 or > 4)
            yield return $"features {target}: expected [B, C, H, W], [B, T, D] or [B, D], found {forms}";
        else if (Places(student) != Places(teacher))
            yield return $"features {target}: expected equal places, found {forms}; take parts of one resolution";
        else if (Width(student) != Width(teacher) && !target.Project)
            yield return $"features {target}: expected equal widths, found {forms}; or learn a map with project: true";
    }

    private static long Places(Tensor features) => features.numel() / features.shape[0] / Width(features);

    private static string Text(Tensor features) => $"[{string.Join(", ", features.shape.Skip(1).Select(n => n.ToString()).Prepend("B"))}]";
}
