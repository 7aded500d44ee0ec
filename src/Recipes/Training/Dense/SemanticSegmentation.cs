using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Cross-entropy of each pixel, mean over the pixels of the batch that have a label, in nats. Targets are labels <c>[B, H, W]</c> of which
/// <see cref="DenseSample.Ignore"/> counts for nothing.
/// </summary>
public sealed class SemanticSegmentation : IObjective
{
    /// <summary>The only instance.</summary>
    public static SemanticSegmentation Objective { get; } = new();

    private SemanticSegmentation() { }

    /// <inheritdoc/>
    public string Name => "semantic segmentation";

    /// <inheritdoc/>
    public Tensor Loss(TrainState state) =>
        CrossEntropy(DenseEvaluation.Network(state.Module, Name).call(state.Inputs), state.Targets, state.Classes);

    /// <summary>The loss of logits <c>[B, C, H, W]</c>; 0, with gradients of 0, where no pixel has a label.</summary>
    /// <param name="logits"><c>[B, C, H, W]</c>.</param>
    /// <param name="labels"><c>[B, H, W]</c>, of any whole type.</param>
    /// <param name="classes">C.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels, int classes)
    {
        DenseEvaluation.Check(logits, labels, classes, "semantic segmentation");
        using var scope = NewDisposeScope();
        var whole = labels.to(ScalarType.Int64);
        var sum = nn.functional.cross_entropy(logits.Wide(), whole, ignore_index: DenseSample.Ignore, reduction: nn.Reduction.Sum);
        return (sum / whole.ne(DenseSample.Ignore).sum().clamp_min(1)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Loss, and <c>miou</c>: the mean over the classes that occur, in the truth or the prediction, of intersection over union;
    /// <c>pixelAccuracy</c>, which is also <see cref="Evaluation.Top1"/>; 0 to 1.
    /// </summary>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation)
    {
        var model = DenseEvaluation.Network(network, Name);
        var (metric, loss) = (new ConfusionMatrix(test.Classes, DenseSample.Ignore), 0.0);
        var count = DenseEvaluation.Each(
            network,
            test,
            options,
            batch =>
            {
                var logits = model.call(batch.Inputs);
                var labelled = batch.Targets.ne(DenseSample.Ignore).sum().item<long>();
                loss += labelled * CrossEntropy(logits, batch.Targets, test.Classes).item<float>();
                metric.Add(logits.argmax(1), batch.Targets);
            },
            cancellation
        );
        return DenseEvaluation.Of(
            count,
            loss / Math.Max(1, metric.Total),
            ("miou", metric.MeanIou()),
            ("pixelAccuracy", metric.Accuracy)
        ) with
        {
            Top1 = metric.Accuracy,
        };
    }
}
