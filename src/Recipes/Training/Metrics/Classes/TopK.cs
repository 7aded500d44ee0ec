using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Whether the right class is among the first guesses.</summary>
public static class TopK
{
    /// <summary>How many rows have their label among the k largest logits; all of them where k is at least the number of classes.</summary>
    /// <param name="logits"><c>[B, C]</c>.</param>
    /// <param name="labels"><c>[B]</c> int64.</param>
    /// <param name="k">At least 1.</param>
    public static long Hits(Tensor logits, Tensor labels, int k)
    {
        using var scope = NewDisposeScope();
        var (_, guesses) = logits.topk((int)Math.Min(k, logits.shape[1]), 1);
        return guesses.eq(labels.to(logits.device).unsqueeze(1)).any(1).sum().item<long>();
    }

    /// <summary>The share of such rows, 0 to 1.</summary>
    /// <inheritdoc cref="Hits"/>
    public static double Accuracy(Tensor logits, Tensor labels, int k = 1) => (double)Hits(logits, labels, k) / labels.shape[0];
}
