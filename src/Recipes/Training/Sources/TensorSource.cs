using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>A data set that fits in memory as two tensors, shuffled by the stream "order"; the last short batch is left out.</summary>
public sealed class TensorSource : IBatchSource
{
    private readonly Tensor _inputs;
    private readonly Tensor _targets;
    private readonly int _batch;
    private readonly long? _seed;

    /// <summary>Wraps tensors; they stay the caller's.</summary>
    /// <param name="name">Says which data.</param>
    /// <param name="inputs"><c>[N, …]</c>.</param>
    /// <param name="targets"><c>[N]</c> int64.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="batch">Samples in a batch.</param>
    /// <param name="seed">Seed of the order; null keeps the order and the last short batch, as tests need it.</param>
    public TensorSource(string name, Tensor inputs, Tensor targets, int classes, int batch, long? seed = null)
    {
        (Name, _inputs, _targets, Classes, _batch, _seed) = (name, inputs, targets, classes, batch, seed);
        var count = inputs.shape[0];
        if (count != targets.shape[0] || batch < 1 || count < 1)
            throw new RecipesException(
                $"{name}: expected as many targets as inputs and a batch of at least 1, found {count}, {targets.shape[0]} and {batch}."
            );
        BatchesPerEpoch = (int)(seed is null ? (count + batch - 1) / batch : count / batch);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        var count = (int)_inputs.shape[0];
        var order = _seed is { } seed ? Order(seed, request.Epoch, count) : [.. Enumerable.Range(0, count)];
        for (var b = request.FirstBatch; b < BatchesPerEpoch; b++)
        {
            var indices = order.Skip(b * _batch).Take(_batch).ToArray();
            using var index = tensor(indices.Select(i => (long)i).ToArray(), device: _inputs.device);
            yield return new Batch(_inputs.index_select(0, index), _targets.index_select(0, index), indices);
        }
    }

    private static int[] Order(long seed, int epoch, int count)
    {
        var rng = Rng.Stream(seed, "order", epoch);
        return rng.Permutation(count);
    }
}
