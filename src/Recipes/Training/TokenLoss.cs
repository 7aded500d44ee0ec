using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Losses of language models, in nats, as means over tokens.</summary>
public static class TokenLoss
{
    /// <summary>The label of a token that is not to be predicted.</summary>
    public const long Ignored = -100;

    /// <summary>
    /// Cross-entropy, mean over the labels that are not <see cref="Ignored"/>, plus <paramref name="z"/> times the mean of
    /// logsumexp² over all tokens, the ignored ones included (as in OpenLM; it keeps logits from drifting).
    /// </summary>
    /// <param name="logits"><c>[…, V]</c>.</param>
    /// <param name="labels">int64 <c>[…]</c>.</param>
    /// <param name="z">Weight of the second term.</param>
    /// <value>A scalar; NaN where every label is ignored, as in PyTorch.</value>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, double z = 0)
    {
        using var scope = NewDisposeScope();
        var normaliser = logits.logsumexp(-1); // […]
        var valid = labels.ne(Ignored);
        var chosen = logits.gather(-1, labels.masked_fill(valid.logical_not(), 0).unsqueeze(-1)).squeeze(-1);
        var loss = ((normaliser - chosen) * valid).sum() / valid.sum();
        return (z == 0 ? loss : loss + z * normaliser.square().mean()).MoveToOuterDisposeScope();
    }
}
