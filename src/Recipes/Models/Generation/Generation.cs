using Recipes.Layers;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>Text from decoders, token by token.</summary>
public static class Generation
{
    /// <summary>
    /// Goes on from a prompt. Tokens come as they are made, each after one step of the decoder with its cache; stop taking them and
    /// nothing more is computed.
    /// </summary>
    /// <param name="model">The decoder, in evaluation mode.</param>
    /// <param name="prompt">Token ids.</param>
    /// <param name="options">How to choose; null for greedy.</param>
    /// <exception cref="RecipesException">The prompt is empty, has ids of another vocabulary or leaves no room in the context.</exception>
    public static IEnumerable<long> Generate(this Decoder model, IReadOnlyList<long> prompt, SamplingOptions? options = null)
    {
        using var ids = tensor(prompt.ToArray(), [1, prompt.Count]);
        Tensor embeds;
        using (no_grad())
            embeds = model.Embed(ids).DetachFromDisposeScope();
        return model.GenerateFrom(embeds, options);
    }

    /// <summary>Goes on from embeddings <c>[1, T, D]</c>, for example of text and images; disposes them when it ends.</summary>
    /// <inheritdoc cref="Generate(Decoder, IReadOnlyList{long}, SamplingOptions)"/>
    public static IEnumerable<long> GenerateFrom(this Decoder model, Tensor embeds, SamplingOptions? options = null)
    {
        var how = options ?? SamplingOptions.Greedy;
        var sampler = new TokenSampler(how);
        return Steps(model, embeds, how, sampler);
    }

    private static IEnumerable<long> Steps(Decoder model, Tensor embeds, SamplingOptions how, TokenSampler sampler)
    {
        using var prompt = embeds;
        using var cache = model.Cache(embeds.shape[1] + Math.Min(how.MaxTokens, 1024));
        long? last = null;
        for (var made = 0; made < how.MaxTokens && cache.Length < model.Spec.Context; made++)
        {
            // In a call of its own: no scope may stay open while the caller's code runs between two tokens.
            last = Step(model, prompt, last, cache, sampler);
            if (how.Stop.Contains(last.Value))
                yield break;
            yield return last.Value;
        }
    }

    private static long Step(Decoder model, Tensor prompt, long? last, KeyValueCache cache, TokenSampler sampler)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var input = last is { } id ? model.Embed(tensor([id], [1, 1], device: prompt.device)) : prompt;
        return sampler.Next(model.NextOf(model.Hidden(input, null, cache)).squeeze(0));
    }
}
