using Recipes.Training;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>The teachers' products of images and captions, cut out of their embeddings that stand one after the other.</summary>
internal static class TeacherProducts
{
    /// <summary>scale·I·Tᵀ of each teacher, <c>[B, B]</c>; float32 at least.</summary>
    /// <param name="image"><c>[B, ΣD_k]</c>.</param>
    /// <param name="text"><c>[B, ΣD_k]</c>.</param>
    /// <param name="widths">D_k.</param>
    /// <param name="scales">One for each teacher, or one for all.</param>
    /// <exception cref="RecipesException">They do not fit each other; all problems together.</exception>
    public static List<Tensor> Of(Tensor? image, Tensor? text, IReadOnlyList<int>? widths, IReadOnlyList<double> scales)
    {
        RecipesException.ThrowIfAny("the teachers' embeddings do not fit:", [.. Problems(image, text, widths, scales.Count)]);
        var sizes = widths!.Select(w => (long)w).ToArray();
        var pairs = image!.Wide().split(sizes, 1).Zip(text!.Wide().split(sizes, 1));
        return [.. pairs.Select((pair, k) => scales[scales.Count == 1 ? 0 : k] * pair.First.matmul(pair.Second.t()))];
    }

    private static IEnumerable<string> Problems(Tensor? image, Tensor? text, IReadOnlyList<int>? widths, int scales)
    {
        var width = widths is { Count: > 0 } ? string.Join(" + ", widths) : "widths";
        if (widths is not { Count: > 0 })
            yield return "widths: expected one for each teacher, found none; only λ = 0 needs no teachers";
        else if (scales != 1 && scales != widths.Count)
            yield return $"teacher scales: expected 1 or {widths.Count}, found {scales}";
        foreach (var (name, found) in new[] { ("teacher image", image), ("teacher text", text) })
        {
            if (found is null)
                yield return $"{name}: expected [B, {width}], found none";
            else if (found.dim() != 2 || (widths is { Count: > 0 } && found.shape[1] != widths.Sum()))
                yield return $"{name}: expected [B, {width}], found [{string.Join(", ", found.shape)}]";
        }
    }
}
