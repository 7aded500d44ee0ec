using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// A learnable temperature for each class, each training instance, or both: the loss of row i is CE(z_i / σ_i, y_i) with σ_i = σ_class[y_i] +
/// σ_instance[i] (Data Parameters, NeurIPS 2019; apple/ml-data-parameters). σ is learned as its logarithm by SGD that leaves alone what a
/// batch does not have. Rows that do not fit their label get a large σ and so a small gradient. At test time there is no σ.
/// </summary>
/// <remarks>In a step: <see cref="Loss"/>, backward, the network's optimizer, <see cref="Step"/>.</remarks>
public sealed class DataParameters : IDisposable
{
    private readonly DataParametersOptions _options;

    /// <summary>Temperatures at their start.</summary>
    /// <param name="classes">How many classes.</param>
    /// <param name="instances">How many training instances.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="device">Where they are; null for the CPU.</param>
    /// <exception cref="RecipesException">Options are out of range, all problems together.</exception>
    public DataParameters(int classes, int instances, DataParametersOptions? options = null, Device? device = null)
    {
        _options = options ?? new DataParametersOptions();
        RecipesException.ThrowIfAny("data parameters cannot be learned so:", [.. _options.Problems()]);
        Classes = _options.Classes is { } c ? new SparseTemperatures(classes, c, device ?? CPU) : null;
        Instances = _options.Instances is { } i ? new SparseTemperatures(instances, i, device ?? CPU) : null;
    }

    /// <summary>Of the classes, or null.</summary>
    public SparseTemperatures? Classes { get; }

    /// <summary>Of the instances, or null.</summary>
    public SparseTemperatures? Instances { get; }

    /// <summary>σ of each row, <c>[B]</c>, with gradient.</summary>
    /// <param name="labels">Classes, <c>[B]</c> int64.</param>
    /// <param name="indices">Instances, <c>[B]</c> int64.</param>
    public Tensor Temperatures(Tensor labels, Tensor indices)
    {
        using var scope = NewDisposeScope();
        return Parts(labels, indices).Select(p => p.Logarithms.exp()).Aggregate((a, b) => a + b).MoveToOuterDisposeScope();
    }

    /// <summary>Mean of CE(z_i / σ_i, y_i), plus the regularisers; a scalar.</summary>
    /// <param name="logits"><c>[B, C]</c>.</param>
    /// <param name="labels">Classes, <c>[B]</c> int64.</param>
    /// <param name="indices">Instances, <c>[B]</c> int64.</param>
    public Tensor Loss(Tensor logits, Tensor labels, Tensor indices)
    {
        using var scope = NewDisposeScope();
        var parts = Parts(labels, indices).ToList();
        var sigma = parts.Select(p => p.Logarithms.exp()).Aggregate((a, b) => a + b).unsqueeze(1);
        var loss = Classification.CrossEntropy(logits.Wide() / sigma, labels);
        foreach (var (logarithms, decay) in parts.Where(p => p.Decay > 0))
            loss = loss + 0.5 * decay * logarithms.square().sum();
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>One step of SGD on the entries that have a gradient, then all entries are held within the limits; gradients go.</summary>
    public void Step()
    {
        foreach (var temperatures in new[] { Classes, Instances })
            temperatures?.Step(_options.Momentum, _options.Limits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Classes?.Dispose();
        Instances?.Dispose();
    }

    // log σ of each row [B], of each kind that is learned.
    private IEnumerable<(Tensor Logarithms, double Decay)> Parts(Tensor labels, Tensor indices)
    {
        if (Classes is not null)
            yield return (Classes.Logarithms.index_select(0, labels), _options.Classes!.WeightDecay);
        if (Instances is not null)
            yield return (Instances.Logarithms.index_select(0, indices), _options.Instances!.WeightDecay);
    }
}
