using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// The loss of a captioner (CoCa, arXiv 2205.01917, sec. 3.2): cross-entropy of each caption's next tokens, and λ times CLIP's loss, on images
/// <c>[B, 3, H, W]</c> and captions <c>[B, C, T]</c>, of which the first kind is learned, on an <see cref="ICaptionDecoder"/>. Both are in nats.
/// </summary>
public sealed class Captioning : IObjective
{
    /// <summary>λ. In the paper the loss of captions counts twice that of pairs.</summary>
    /// <value>Default 0.5; 0 leaves the pairs out.</value>
    public double Contrastive { get; init; } = 0.5;

    /// <summary>More to measure of a network, such as what its captions name; null for nothing.</summary>
    public Func<nn.Module, IReadOnlyDictionary<string, double>>? Measures { get; init; }

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"captioning, {Contrastive} contrastive");

    /// <inheritdoc/>
    public Tensor Loss(TrainState state)
    {
        using var scope = NewDisposeScope();
        var tokens = state.Targets.select(1, 0).contiguous();
        var outputs = Network(state.Module).Describe(state.Inputs, tokens);
        var words = TokenLoss.CrossEntropy(Before(outputs.Logits), Labels(tokens));
        if (Contrastive == 0)
            return words.MoveToOuterDisposeScope();
        var pairs = ContrastiveLoss.Of(outputs.Image, outputs.Text, Network(state.Module).Scale());
        return (words + Contrastive * pairs).MoveToOuterDisposeScope();
    }

    /// <summary>Measures the next tokens of given captions.</summary>
    /// <param name="network">An <see cref="ICaptionDecoder"/>.</param>
    /// <param name="test">Images with captions.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Samples are captions; loss and top-1 and top-5 accuracy are means over their tokens, the end among them.</returns>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(network);
        using var _ = no_grad();
        var decoder = Network(network);
        var like = network.parameters().First();
        var channelsLast = Layout.ChannelsLastFor(options.ChannelsLast, like);
        var (captions, all, loss, first, five) = (0, 0.0, 0.0, 0.0, 0.0);
        foreach (var batch in test.Epoch(new EpochRequest(0)))
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var tokens = batch.Targets.select(1, 0).to(like.device).contiguous();
            var logits = Before(decoder.Describe(Layout.Prepare(batch.Inputs, like, channelsLast), tokens).Logits).to(ScalarType.Float32);
            var labels = Labels(tokens);
            var count = labels.ne(TokenLoss.Ignored).sum().item<long>();
            var guesses = logits.topk((int)Math.Min(5, logits.shape[^1]), -1).indexes.eq(labels.unsqueeze(-1));
            loss += count * (double)TokenLoss.CrossEntropy(logits, labels).item<float>();
            first += guesses.select(-1, 0).sum().item<long>();
            five += guesses.sum().item<long>();
            (captions, all) = (captions + batch.Count, all + count);
        }
        if (captions == 0)
            throw new RecipesException($"{test.Name}: nothing to evaluate; the set has no samples.");
        var measured = new Evaluation
        {
            Count = captions,
            Loss = loss / all,
            Top1 = first / all,
            Top5 = five / all,
        };
        return Measures is null ? measured : measured with { Numbers = Measures(network) };
    }

    /// <summary>
    /// What is to be predicted from each token but the last: the one behind it, and <see cref="TokenLoss.Ignored"/> behind the end. The end has the largest id.
    /// </summary>
    /// <param name="tokens"><c>[B, T]</c> int64.</param>
    /// <returns><c>[B, T − 1]</c>, in the caller's scope.</returns>
    public static Tensor Labels(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var places = arange(tokens.shape[1] - 1, dtype: ScalarType.Int64, device: tokens.device);
        var behind = places.unsqueeze(0).ge(tokens.argmax(-1, keepdim: true));
        return tokens.narrow(1, 1, tokens.shape[1] - 1).masked_fill(behind, TokenLoss.Ignored).MoveToOuterDisposeScope();
    }

    // Nothing follows the last token.
    private static Tensor Before(Tensor logits) => logits.narrow(1, 0, logits.shape[1] - 1);

    private static ICaptionDecoder Network(nn.Module module) =>
        module as ICaptionDecoder
        ?? throw new RecipesException($"{module.GetName()}: expected a captioner (ICaptionDecoder), such as CoCa.");
}
