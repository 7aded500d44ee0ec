using Recipes.Layers;
using static TorchSharp.torch;

namespace Recipes.Models;

// What decoders and text encoders refuse. Out-of-range ids read foreign memory or stop a GPU for good, so they are looked at first.
internal static class TokenIds
{
    public static void Check(Tensor ids, DecoderSpec spec) => Check(ids, spec.Name, "[B, T]", spec.Vocabulary);

    /// <summary>Captions for a text encoder; one that has no positions for other lengths gives its context.</summary>
    public static void CheckCaptions(Tensor tokens, string name, int vocabulary, int? context = null)
    {
        Check(tokens, name, context is null ? "[N, T]" : $"[N, {context}]", vocabulary);
        if (context is not null && tokens.shape[1] != context)
            throw new RecipesException(
                $"{name}: tokens are [N, {context}]; found [{string.Join(", ", tokens.shape)}]. Encode captions with ClipTokenizer.Encode."
            );
    }

    private static void Check(Tensor ids, string name, string shape, int vocabulary)
    {
        if (ids.dtype is not (ScalarType.Int64 or ScalarType.Int32) || ids.dim() != 2 || ids.numel() == 0)
            throw new RecipesException(
                $"{name}: token ids are int64 {shape}; found {ids.dtype.ToString().ToLowerInvariant()} [{string.Join(", ", ids.shape)}]."
            );
        using var scope = NewDisposeScope();
        var wrong = ids.lt(0) | ids.ge(vocabulary);
        if (!wrong.any().item<bool>())
            return;
        var at = wrong.nonzero()[0].cpu().data<long>();
        var id = ids[at[0], at[1]].to(ScalarType.Int64).item<long>();
        throw new RecipesException(
            $"{name}: token id {id} at [{at[0]}, {at[1]}] is outside the vocabulary of {vocabulary} (0 to {vocabulary - 1}); "
                + "the ids come from another tokenizer, or labels such as -100 were given as input."
        );
    }

    public static void Check(Tensor embeds, Tensor? mask, KeyValueCache? cache, DecoderSpec spec)
    {
        if (embeds.dim() != 3 || embeds.shape[2] != spec.Width || embeds.numel() == 0)
            throw new RecipesException($"{spec.Name}: embeddings are [B, T, {spec.Width}]; found [{string.Join(", ", embeds.shape)}].");
        var (batch, tokens) = (embeds.shape[0], embeds.shape[1]);
        var problems = new List<string>();
        if (mask is not null && !mask.shape.SequenceEqual([batch, tokens]))
            problems.Add($"the mask is of the new tokens, [{batch}, {tokens}]; found [{string.Join(", ", mask.shape)}]");
        if (cache is not null && cache.Layers != spec.Layers)
            problems.Add($"the cache is of a decoder of {cache.Layers} layers, this one has {spec.Layers}; make it with Cache()");
        if (cache?.Batch is { } held && held != batch)
            problems.Add($"the cache holds {held} rows, the input {batch}; use a cache for each batch, or Keep(0)");
        if ((cache?.Length ?? 0) + tokens > spec.Context)
            problems.Add(
                $"{(cache?.Length ?? 0) + tokens} tokens ({cache?.Length ?? 0} in the cache, {tokens} new) are more than the context of {spec.Context}; "
                    + "shorten the text, or build the spec with a longer Context"
            );
        RecipesException.ThrowIfAny($"{spec.Name} cannot read this input:", problems);
    }
}
