using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What a depth in metres is compared by.</summary>
public enum DepthLoss
{
    /// <summary>mean(e²) − λ·mean(e)² of the differences e of logarithms, λ = 0.5 (Eigen et al. 2014, arXiv 1406.2283, eq. 4), over a picture.</summary>
    ScaleInvariant,

    /// <summary>Mean absolute difference of logarithms.</summary>
    LogL1,

    /// <summary>Mean absolute difference in metres.</summary>
    L1,
}

/// <summary>
/// Depth of each pixel. Predictions are metres above 0 <c>[B, 1, H, W]</c>, targets metres <c>[B, H, W]</c> of which 0 and below mean that nothing
/// was measured. Losses are means over the measured pixels.
/// </summary>
/// <param name="by">The loss.</param>
public sealed class DepthRegression(DepthLoss by = DepthLoss.ScaleInvariant) : IObjective
{
    private const double Lambda = 0.5;
    private const double Least = 1e-3; // metres; keeps logarithms finite

    /// <inheritdoc/>
    public string Name => $"depth regression, {by}";

    /// <inheritdoc/>
    public Tensor Loss(TrainState state) => Of(DenseEvaluation.Network(state.Module, Name).call(state.Inputs), state.Targets, by);

    /// <summary>The loss of predictions; 0, with gradients of 0, where nothing was measured.</summary>
    /// <param name="predicted"><c>[B, 1, H, W]</c>, metres.</param>
    /// <param name="depth"><c>[B, H, W]</c>, metres; 0 where nothing was measured.</param>
    /// <param name="by">Which loss.</param>
    public static Tensor Of(Tensor predicted, Tensor depth, DepthLoss by)
    {
        DenseEvaluation.Check(predicted, depth, 1, "depth regression");
        using var scope = NewDisposeScope();
        var (guess, truth) = (predicted.Wide().squeeze(1), depth.Wide());
        var valid = truth.gt(0).to(guess.dtype);
        var difference = by == DepthLoss.L1 ? guess - truth : guess.clamp_min(Least).log() - truth.clamp_min(Least).log();
        var loss = by == DepthLoss.ScaleInvariant ? ScaleInvariant(difference, valid) : Mean(difference.abs(), valid, [0, 1, 2]);
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Loss, and over all measured pixels <c>rmse</c> in metres, <c>absRel</c>, the mean of |guess − truth|/truth, and <c>delta1</c>, the share with
    /// max(guess/truth, truth/guess) below 1.25.
    /// </summary>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation)
    {
        var model = DenseEvaluation.Network(network, Name);
        var (errors, loss, images) = (new DepthMeasure(), 0.0, 0L);
        var count = DenseEvaluation.Each(
            network,
            test,
            options,
            batch =>
            {
                var predicted = model.call(batch.Inputs);
                loss += batch.Inputs.shape[0] * Of(predicted, batch.Targets, by).item<float>();
                images += batch.Inputs.shape[0];
                errors.Add(predicted.squeeze(1).clamp_min(Least), batch.Targets);
            },
            cancellation
        );
        var found = errors.Result();
        return DenseEvaluation.Of(count, loss / images, ("rmse", found.Rmse), ("absRel", found.Relative), ("delta1", found.Delta1));
    }

    private static Tensor ScaleInvariant(Tensor difference, Tensor valid)
    {
        var mean = Mean(difference, valid, [1, 2]);
        return (Mean(difference.square(), valid, [1, 2]) - Lambda * mean.square()).mean();
    }

    private static Tensor Mean(Tensor values, Tensor valid, long[] over) => (values * valid).sum(over) / valid.sum(over).clamp_min(1);
}
