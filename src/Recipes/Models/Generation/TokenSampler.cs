using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Draws tokens from logits by the rules of <see cref="SamplingOptions"/>; the same seed draws the same tokens.</summary>
public sealed class TokenSampler
{
    private readonly SamplingOptions _options;
    private Rng _random;

    /// <summary>A sampler at the start of its stream of random numbers.</summary>
    /// <exception cref="RecipesException">The options make no sense.</exception>
    public TokenSampler(SamplingOptions options)
    {
        options.Check();
        (_options, _random) = (options, Rng.Stream(options.Seed, "sampling"));
    }

    /// <summary>The next token of one row of logits, <c>[V]</c>.</summary>
    /// <remarks>Of equally likely tokens the smaller id goes first.</remarks>
    public long Next(Tensor logits)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (_options.Temperature == 0)
            return logits.argmax().item<long>();
        var scaled = logits.to(ScalarType.Float64).cpu() / _options.Temperature;
        return Nucleus.Draw<double>(scaled.softmax(-1).data<double>().ToArray(), _options.TopP, ref _random);
    }
}
