using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// A loss of images <c>[B, 3, H, W]</c> and captions <c>[B, C, T]</c>, C kinds of captions for each image, on an <see cref="IPairEncoder"/>. The text encoder
/// runs once on all kinds together (MobileCLIP, arXiv 2311.17049, sec. 3.2).
/// </summary>
public abstract class PairObjective : IObjective, ICachedObjective
{
    /// <summary>Says which loss.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Pairs that go through the network at once; null is all. Embeddings of all parts are made first without gradients, the loss gives their gradients, and
    /// each part runs again to carry these on (gradient caching, Gao et al., arXiv 2101.06983): gradients of the whole batch at the memory of a part, for
    /// one more forward pass. Batch norms see parts, as they would on as many devices.
    /// </summary>
    public int? Part { get; init; }

    /// <summary>
    /// Features of all ranks from those of this one: <c>[b, D]</c> to <c>[W·b, D]</c>, in rank order and with gradients, from the caller's own communication
    /// library; null for one process.
    /// </summary>
    public Func<Tensor, Tensor>? Gather { get; init; }

    /// <summary>How the result is measured.</summary>
    public PairTest Test { get; init; } = new();

    bool ICachedObjective.Cached => Part is not null;

    /// <summary>The mean loss of the batch, a scalar.</summary>
    /// <param name="outputs">What the network made of it.</param>
    /// <param name="more">What the batch carries besides: see <see cref="PairBatch"/>.</param>
    protected abstract Tensor Of(PairOutputs outputs, IReadOnlyDictionary<string, Tensor> more);

    /// <summary>What the batch carries besides, before the student runs; as it came unless overridden.</summary>
    protected virtual IReadOnlyDictionary<string, Tensor> Prepare(TrainState state) => state.More;

    /// <summary>The rows of all ranks.</summary>
    protected Tensor Collect(Tensor rows) => Gather is null ? rows : Gather(rows);

    /// <inheritdoc/>
    public Tensor Loss(TrainState state)
    {
        var more = Prepare(state);
        return Of(Encode(Encoder(state.Module), state.Inputs, state.Targets), more);
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation) =>
        Test.Evaluate(network, test, options, cancellation);

    double ICachedObjective.Backward(TrainState state, double factor)
    {
        var network = Encoder(state.Module);
        var parts = Enumerable.Range(0, (int)((state.Inputs.shape[0] + Part!.Value - 1) / Part.Value)).ToList();
        var seeds = parts.ConvertAll(i => (long)(state.Stream($"part {i}").NextUInt64() >> 1));
        var (images, texts) = Embed(network, state, parts, seeds);
        // Each leaf's gradient is what its part gets.
        var outputs = Outputs(images, texts, network.Scale(), state.Targets.shape[1]);
        state.Loss = Of(outputs, Prepare(state));
        var value = state.Loss.to(ScalarType.Float64).item<double>();
        if (!double.IsFinite(value))
            return value;
        (factor == 1 ? state.Loss : state.Loss * factor).backward();
        foreach (var i in parts)
        {
            using var scope = NewDisposeScope();
            var (image, text) = Run(network, state, i, seeds[i]);
            var carried = (image * Slice(images.grad, i)).sum() + (text * Slice(texts.grad, i)).sum();
            carried.backward();
        }
        return value;
    }

    // Leaves [B, D] and [B, C, D] that hold the embeddings of all parts; batch statistics stay as they were, for each part runs twice.
    private (Tensor Images, Tensor Texts) Embed(IPairEncoder network, TrainState state, List<int> parts, List<long> seeds)
    {
        using var scope = NewDisposeScope();
        using var statistics = state.Weights.KeepStatistics();
        var made = new List<(Tensor Image, Tensor Text)>();
        using (no_grad())
        {
            foreach (var i in parts)
                made.Add(Run(network, state, i, seeds[i]));
        }
        statistics.PutBack();
        return (
            cat(made.Select(m => m.Image).ToList(), 0).requires_grad_().MoveToOuterDisposeScope(),
            cat(made.Select(m => m.Text).ToList(), 0).requires_grad_().MoveToOuterDisposeScope()
        );
    }

    // A part's embeddings, [b, D] and [b, C, D]; the same dropout both times.
    private (Tensor Image, Tensor Text) Run(IPairEncoder network, TrainState state, int part, long seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var tokens = Slice(state.Targets, part);
        var image = network.EncodeImage(Slice(state.Inputs, part));
        var text = network.EncodeText(tokens.flatten(0, 1)).view(tokens.shape[0], tokens.shape[1], -1);
        return (image.MoveToOuterDisposeScope(), text.MoveToOuterDisposeScope());
    }

    private Tensor Slice(Tensor? whole, int part)
    {
        var start = (long)part * Part!.Value;
        return whole!.slice(0, start, Math.Min(start + Part.Value, whole.shape[0]), 1);
    }

    private PairOutputs Encode(IPairEncoder network, Tensor images, Tensor tokens)
    {
        var text = network.EncodeText(tokens.flatten(0, 1)).view(tokens.shape[0], tokens.shape[1], -1);
        return Outputs(network.EncodeImage(images), text, network.Scale(), tokens.shape[1]);
    }

    private PairOutputs Outputs(Tensor image, Tensor text, Tensor scale, long kinds) =>
        new(Collect(image), [.. Enumerable.Range(0, (int)kinds).Select(kind => Collect(text.select(1, kind)))], scale);

    private static IPairEncoder Encoder(nn.Module module) =>
        module as IPairEncoder
        ?? throw new RecipesException(
            $"{module.GetName()}: expected a network of images and captions (IPairEncoder), such as MobileClip or Clip."
        );
}
