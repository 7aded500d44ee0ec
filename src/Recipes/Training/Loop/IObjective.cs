using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What training makes small, and how its result is measured.</summary>
public interface IObjective
{
    /// <summary>Says which loss; part of a checkpoint's identity.</summary>
    string Name { get; }

    /// <summary>The mean loss of the batch in <see cref="TrainState.Inputs"/> and <see cref="TrainState.Targets"/>, a scalar with a gradient.</summary>
    Tensor Loss(TrainState state);

    /// <summary>Measures a module in evaluation mode on a whole set, without augmentation; restores the module's mode.</summary>
    Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation);
}

/// <summary>Cross-entropy of a classifier, mean over the batch, in nats; targets are class indices or soft.</summary>
public sealed class Classification : IObjective
{
    /// <summary>The only instance.</summary>
    public static Classification Objective { get; } = new();

    private Classification() { }

    /// <inheritdoc/>
    public string Name => "classification";

    /// <inheritdoc/>
    public Tensor Loss(TrainState state) => CrossEntropy(Classifier(state.Module).call(state.Inputs), state.Targets);

    /// <inheritdoc/>
    public Evaluation Evaluate(nn.Module network, IBatchSource test, EvaluationOptions options, CancellationToken cancellation) =>
        Evaluator.Evaluate(Classifier(network), test, options, cancellation);

    /// <summary>−Σ target·log softmax(logits), mean over the batch, in nats, computed in float32 at least.</summary>
    /// <param name="logits"><c>[B, C]</c>.</param>
    /// <param name="targets"><c>[B]</c> int64, or soft <c>[B, C]</c> whose rows sum to 1.</param>
    public static Tensor CrossEntropy(Tensor logits, Tensor targets)
    {
        if (logits.dtype is ScalarType.BFloat16 or ScalarType.Float16)
            logits = logits.to(ScalarType.Float32);
        return targets.dim() == 1
            ? nn.functional.cross_entropy(logits, targets)
            : -(targets.to(logits.dtype) * nn.functional.log_softmax(logits, 1)).sum(1).mean();
    }

    private static nn.Module<Tensor, Tensor> Classifier(nn.Module module) =>
        module as nn.Module<Tensor, Tensor>
        ?? throw new RecipesException(
            $"{module.GetType().Name}: classification needs a module from images to logits, Module<Tensor, Tensor>."
        );
}
