using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Prompts as the networks take them: P prompts of equal form, in pixels of the (resized and padded) input. It owns no tensor.</summary>
/// <param name="Points"><c>[P, N, 2]</c>, float: x and y, from the top left corner. Null: no points.</param>
/// <param name="Labels"><c>[P, N]</c>, int64: 1 on the object, 0 beside it, -1 padding, whose place does not matter.</param>
/// <param name="Boxes"><c>[P, 4]</c>, float: left, top, right, bottom. Null: no boxes.</param>
/// <param name="Masks"><c>[P, 1, 4h, 4w]</c>, float: logits of an earlier mask, for a map of h x w patches. Null: no masks.</param>
public sealed record SamPromptTensors(Tensor? Points, Tensor? Labels, Tensor? Boxes = null, Tensor? Masks = null)
{
    /// <summary>P.</summary>
    public long Count => (Points ?? Boxes ?? Masks)?.shape[0] ?? 0;

    /// <summary>Refuses what does not fit.</summary>
    /// <exception cref="RecipesException">No prompt, or shapes that do not fit each other or the map; all in one error.</exception>
    internal void Check(string name, long height, long width)
    {
        var problems = new List<string>();
        if (Count == 0)
            problems.Add("no prompt: expected Points with Labels, Boxes or Masks of at least one row, found none; give one of them");
        Expect(nameof(Points), Points, "[P, N, 2]", Points?.dim() == 3 && Points.shape[2] == 2);
        Expect(
            nameof(Labels),
            Labels,
            "[P, N], one for each point",
            Points is not null && Labels!.shape.SequenceEqual(Points.shape.Take(2))
        );
        if (Points is not null && Labels is null)
            problems.Add("Labels: expected [P, N], one for each point, found none; give 1 for points on the object, 0 beside it");
        Expect(nameof(Boxes), Boxes, "[P, 4]", Boxes?.dim() == 2 && Boxes.shape[1] == 4);
        Expect(
            nameof(Masks),
            Masks,
            $"[P, 1, {4 * height}, {4 * width}]",
            Masks?.dim() == 4 && Masks.shape.Skip(1).SequenceEqual([1, 4 * height, 4 * width])
        );
        foreach (var (part, tensor) in ((string, Tensor?)[])[(nameof(Boxes), Boxes), (nameof(Masks), Masks)])
        {
            if (tensor is not null && tensor.shape[0] != Count)
                problems.Add($"{part}: expected {Count} rows, as many as prompts, found {tensor.shape[0]}; give each prompt one");
        }
        RecipesException.ThrowIfAny($"{name} cannot take these prompts:", problems);

        void Expect(string part, Tensor? tensor, string shape, bool fits)
        {
            if (tensor is not null && !fits)
                problems.Add($"{part}: expected {shape}, found [{string.Join(", ", tensor.shape)}]; reshape it");
        }
    }
}
