using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Logarithms of temperatures with SGD that is sparse: an entry whose gradient is exactly 0 keeps its value and its momentum.</summary>
public sealed class SparseTemperatures : IDisposable
{
    private readonly double _rate;

    internal SparseTemperatures(int count, TemperatureOptions options, Device device)
    {
        _rate = options.Rate;
        Logarithms = full(count, Math.Log(options.Start), dtype: ScalarType.Float32, device: device)
            .requires_grad_()
            .DetachFromDisposeScope();
        Momentum = zeros(count, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
    }

    /// <summary>log σ, one for each class or instance; a leaf with gradient.</summary>
    public Tensor Logarithms { get; }

    /// <summary>The momentum of each entry.</summary>
    public Tensor Momentum { get; }

    internal void Step(double momentum, (double Least, double Greatest) limits)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        if (Logarithms.grad is { } gradient)
        {
            var seen = gradient.ne(0);
            Momentum.copy_(where(seen, momentum * Momentum + gradient, Momentum));
            Logarithms.sub_(where(seen, _rate * Momentum, zeros_like(Momentum)));
            gradient.zero_();
        }
        Logarithms.clamp_(Math.Log(limits.Least), Math.Log(limits.Greatest));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Logarithms.Dispose();
        Momentum.Dispose();
    }
}
