using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// An exponential moving average of weights and of the norms' statistics: after each step,
/// average ← d·average + (1 − d)·value. It starts as a copy of the weights.
/// </summary>
internal sealed class Ema : IDisposable
{
    private readonly FlatState _state;
    private readonly Tensor[] _averages;
    private readonly double _decay;
    private readonly bool _warmup;

    public Ema(FlatState state, double decay, bool warmup)
    {
        (_state, _decay, _warmup) = (state, decay, warmup);
        using var _ = no_grad();
        _averages = [.. state.All.Select(g => g.Master.clone().DetachFromDisposeScope())];
    }

    /// <summary>The decay of the update that comes after <paramref name="updates"/> updates.</summary>
    public static double Decay(double decay, bool warmup, long updates) =>
        warmup ? Math.Min(decay, (1.0 + updates) / (10.0 + updates)) : decay;

    /// <summary>Takes the weights after a step in.</summary>
    /// <param name="updates">Updates before this one.</param>
    public void Update(long updates)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var share = 1 - Decay(_decay, _warmup, updates);
        foreach (var (average, group) in _averages.Zip(_state.All))
            average.lerp_(group.Master, tensor(share, average.dtype, average.device));
    }

    /// <summary>Puts the average into the module until the result is disposed; training goes on unharmed after that.</summary>
    public IDisposable Applied()
    {
        using var _ = no_grad();
        var kept = _state.All.Select(g => g.Values.clone().DetachFromDisposeScope()).ToList();
        foreach (var (average, group) in _averages.Zip(_state.All))
            group.Values.copy_(average);
        return new Restore(_state, kept);
    }

    /// <summary>The averages by their groups' names, for checkpoints.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Tensors() => _averages.Zip(_state.All, (average, group) => (group.Name, average));

    public void Dispose()
    {
        foreach (var average in _averages)
            average.Dispose();
    }

    private sealed class Restore(FlatState state, List<Tensor> kept) : IDisposable
    {
        public void Dispose()
        {
            using var _ = no_grad();
            foreach (var (value, group) in kept.Zip(state.All))
            {
                group.Values.copy_(value);
                value.Dispose();
            }
            kept.Clear();
        }
    }
}
