using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>How an encoder of pairs is measured: as a zero-shot classifier of labelled images, and by retrieval among captioned ones.</summary>
public sealed record PairTest
{
    private static readonly int[] s_ranks = [1, 5, 10];

    /// <summary>
    /// Captions of the classes, <c>[N·K, T]</c> int64, those of a class together; null where the test images are the pairs themselves, and accuracy is that of
    /// finding an image's caption. The caller's to dispose.
    /// </summary>
    public Tensor? Prompts { get; init; }

    /// <summary>K, captions of each class.</summary>
    public int Templates { get; init; } = 1;

    /// <summary>Images with one caption each, <c>[B, 1, T]</c>, for retrieval; null measures none.</summary>
    public IBatchSource? Pairs { get; init; }

    /// <summary>Measures.</summary>
    /// <param name="network">An <see cref="IPairEncoder"/>.</param>
    /// <param name="test">Labelled images.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>Zero-shot accuracy; recalls in percent under <c>i2t_recall1</c>, <c>t2i_recall1</c>, and at 5 and 10.</returns>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(network);
        using var _ = no_grad();
        var encoder = (IPairEncoder)network;
        var numbers = Pairs is null ? [] : Retrieve(encoder, network, options, cancellation);
        if (Prompts is null)
            return new Evaluation
            {
                Count = numbers.Count == 0 ? 0 : (int)numbers["pairs"],
                Loss = numbers["pair_loss"],
                Top1 = numbers["i2t_recall1"] / 100,
                Top5 = numbers["i2t_recall5"] / 100,
                Numbers = numbers,
            };
        var classes = encoder.ClassEmbeddings(Prompts.to(network.parameters().First().device), Templates);
        return Evaluator.Evaluate(new ZeroShot(network, classes), test, options, cancellation) with { Numbers = numbers };
    }

    private Dictionary<string, double> Retrieve(
        IPairEncoder encoder,
        nn.Module network,
        EvaluationOptions options,
        CancellationToken cancellation
    )
    {
        var like = network.parameters().First();
        var channelsLast = Layout.ChannelsLastFor(options.ChannelsLast, like);
        var (images, texts) = (new List<Tensor>(), new List<Tensor>());
        foreach (var batch in Pairs!.Epoch(new EpochRequest(0)))
        {
            using var owned = batch;
            cancellation.ThrowIfCancellationRequested();
            images.Add(encoder.EncodeImage(Layout.Prepare(batch.Inputs, like, channelsLast)).to(ScalarType.Float32));
            texts.Add(encoder.EncodeText(batch.Targets.flatten(0, 1).to(like.device)).to(ScalarType.Float32));
        }
        return Recalls(cat(images, 0), cat(texts, 0), encoder.Scale());
    }

    private static Dictionary<string, double> Recalls(Tensor images, Tensor texts, Tensor scale)
    {
        var found = Retrieval.Measure(images, texts);
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["pairs"] = images.shape[0],
            ["pair_loss"] = ContrastiveLoss.Of(images, texts, scale).item<float>(),
        };
        foreach (var k in s_ranks)
            (numbers[$"i2t_recall{k}"], numbers[$"t2i_recall{k}"]) = (100 * found.ImageToText.Recall(k), 100 * found.TextToImage.Recall(k));
        return numbers;
    }

    /// <summary>The network as a classifier; it does not own the network.</summary>
    private sealed class ZeroShot : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module _network;
        private readonly Tensor _classes;

        public ZeroShot(nn.Module network, Tensor classes)
            : base(network.GetName())
        {
            (_network, _classes) = (network, classes);
            register_module("network", network); // the classes stay in the caller's scope
        }

        public override Tensor forward(Tensor images)
        {
            var encoder = (IPairEncoder)_network;
            using var scope = NewDisposeScope();
            return (encoder.Scale() * encoder.EncodeImage(images).matmul(_classes.t())).MoveToOuterDisposeScope();
        }
    }
}
