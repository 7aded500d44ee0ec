using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>What measuring networks of maps has in common.</summary>
internal static class DenseEvaluation
{
    /// <summary>Gives every prepared batch of a set to an action, in evaluation mode, without gradients; the module's mode is restored.</summary>
    /// <returns>Samples.</returns>
    /// <exception cref="RecipesException">The set is empty.</exception>
    public static int Each(
        nn.Module network,
        IBatchSource set,
        EvaluationOptions options,
        Action<(Tensor Inputs, Tensor Targets)> measure,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var like = network.parameters().First();
        var channelsLast = Layout.ChannelsLastFor(options.ChannelsLast, like);
        var (mode, count) = (network.training, 0);
        network.eval();
        try
        {
            foreach (var batch in set.Epoch(new EpochRequest(0)))
            {
                using var owned = batch;
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                measure((Layout.Prepare(batch.Inputs, like, channelsLast), batch.Targets.to(like.device)));
                count += batch.Count;
            }
        }
        finally
        {
            network.train(mode);
        }
        return count > 0 ? count : throw new RecipesException($"{set.Name}: nothing to evaluate; the set has no samples.");
    }

    /// <summary>An evaluation without classes of whole pictures.</summary>
    public static Evaluation Of(int count, double loss, params IEnumerable<(string Name, double Value)> numbers) =>
        new()
        {
            Count = count,
            Loss = loss,
            Top1 = double.NaN,
            Top5 = double.NaN,
            Numbers = numbers.ToDictionary(n => n.Name, n => n.Value, StringComparer.Ordinal),
        };

    /// <summary>The network as one from images to maps.</summary>
    public static nn.Module<Tensor, Tensor> Network(nn.Module module, string objective) =>
        module as nn.Module<Tensor, Tensor>
        ?? throw new RecipesException(
            $"{module.GetType().Name}: {objective} needs a module from images to maps, Module<Tensor, Tensor>, such as a DenseNetwork."
        );

    /// <summary>Refuses predictions that are not of the targets' size.</summary>
    public static void Check(Tensor predicted, Tensor targets, long channels, string objective)
    {
        if (
            predicted.dim() != 4
            || predicted.shape[1] != channels
            || targets.dim() != 3
            || !predicted.shape.AsSpan(2).SequenceEqual(targets.shape.AsSpan(1))
        )
            throw new RecipesException(
                $"{objective}: expected predictions [B, {channels}, H, W] and targets [B, H, W], found [{string.Join(", ", predicted.shape)}] and [{string.Join(", ", targets.shape)}]. "
                    + "Give the network the data's classes and the task of the data."
            );
    }
}
