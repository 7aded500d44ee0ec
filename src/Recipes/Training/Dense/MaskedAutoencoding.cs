using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Learning without labels from an <see cref="IMaskedModel"/>'s own loss (He et al. 2021, arXiv 2111.06377). What is hidden depends on the seed
/// and the step alone; at evaluation it is the same every time.
/// </summary>
public sealed class MaskedAutoencoding : IObjective
{
    /// <summary>The only instance.</summary>
    public static MaskedAutoencoding Objective { get; } = new();

    private MaskedAutoencoding() { }

    /// <inheritdoc/>
    public string Name => "masked autoencoding";

    /// <inheritdoc/>
    public Tensor Loss(TrainState state) => Model(state.Module).Loss(state.Inputs, state.Stream("mask"));

    /// <summary>The mean loss; there is no accuracy.</summary>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation)
    {
        var (model, sum, number) = (Model(network), 0.0, 0L);
        var count = DenseEvaluation.Each(
            network,
            test,
            options,
            batch =>
                sum +=
                    batch.Inputs.shape[0] * model.Loss(batch.Inputs, Rng.Stream(0, "mask", number++)).to(ScalarType.Float64).item<double>(),
            cancellation
        );
        return DenseEvaluation.Of(count, sum / count);
    }

    private static IMaskedModel Model(nn.Module module) =>
        module as IMaskedModel
        ?? throw new RecipesException(
            $"{module.GetType().Name}: masked autoencoding needs a network that hides and predicts, such as Mae."
        );
}
