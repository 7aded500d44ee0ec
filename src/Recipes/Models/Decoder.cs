using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A decoder-only language model. <c>call</c> gives logits of every token, for training; <see cref="Next"/> those of the
/// token to come, for generation; the steps in between are open, for models that put other things than words into the row.
/// </summary>
/// <remarks>Token ids int64 <c>[B, T]</c>; logits <c>[B, T, V]</c>.</remarks>
public abstract partial class Decoder : Module<Tensor, Tensor>, IRebuildable, ITowers, IOnnxParts
{
    private protected Decoder(DecoderSpec spec)
        : base(spec.Name)
    {
        spec.Check();
        Spec = spec;
    }

    /// <summary>What the network was built from.</summary>
    public DecoderSpec Spec { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<long> Probe => [1, 8];

    /// <inheritdoc/>
    public virtual IReadOnlyList<Tower> Towers =>
        [Tower.Texts(parameters().Sum(p => p.numel()), call, Math.Min(8, Spec.Context)) with { Name = "language" }];

    /// <summary>The rotary angles per position, <c>[D/2H]</c>.</summary>
    protected abstract Tensor Frequencies { get; }

    /// <summary>An empty cache for this network; dispose it when done.</summary>
    /// <param name="capacity">Tokens to make room for at once; more still fit.</param>
    public KeyValueCache Cache(long capacity = 0) => new(Spec.Layers, capacity);

    /// <summary>Logits <c>[B, T, V]</c> of token ids <c>[B, T]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Logits(Hidden(Embed(input))).MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings <c>[B, T, D]</c> of token ids <c>[B, T]</c>.</summary>
    /// <exception cref="RecipesException">They are no ids of this vocabulary.</exception>
    public Tensor Embed(Tensor ids)
    {
        TokenIds.Check(ids, Spec);
        return Lookup(ids);
    }

    /// <summary>The layers and the last norm.</summary>
    /// <param name="embeds"><c>[B, T, D]</c>, from <see cref="Embed"/> or anything of that width.</param>
    /// <param name="mask">1 for tokens, 0 for padding, of any type, <c>[B, T]</c>; null where nothing is padding.</param>
    /// <param name="cache">Earlier tokens, which these follow, and which they join; null for none.</param>
    /// <returns>Hidden states <c>[B, T, D]</c>; those of padding mean nothing.</returns>
    /// <exception cref="RecipesException">Shapes do not fit, or the sequence is longer than the context.</exception>
    public Tensor Hidden(Tensor embeds, Tensor? mask = null, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        TokenIds.Check(embeds, mask, cache, Spec);
        FreedMemory.Keep();
        var padding = Padding(mask);
        var valid = cache is null ? padding : cache.Valid(padding, embeds.shape[0], embeds.shape[1]);
        var hidden = Run(embeds, DecoderPass.Prepare(embeds, valid, Frequencies, cache));
        cache?.Advance(embeds.shape[1], valid);
        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>Logits <c>[…, V]</c> of hidden states <c>[…, D]</c>.</summary>
    public abstract Tensor Logits(Tensor hidden);

    /// <summary>Logits <c>[B, V]</c> after the last token of each row that is no padding.</summary>
    /// <inheritdoc cref="Hidden"/>
    /// <param name="ids">Token ids <c>[B, T]</c>.</param>
    /// <param name="cache">As there.</param>
    /// <param name="mask">As there.</param>
    public Tensor Next(Tensor ids, KeyValueCache? cache = null, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        return NextOf(Hidden(Embed(ids), mask, cache), mask).MoveToOuterDisposeScope();
    }

    /// <summary>Logits <c>[B, V]</c> after the last token of each row, from hidden states <c>[B, T, D]</c>.</summary>
    public Tensor NextOf(Tensor hidden, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        if (mask is null)
            return Logits(hidden.select(1, -1)).MoveToOuterDisposeScope();
        // The largest of the valid places is the last valid one.
        var places = arange(hidden.shape[1], dtype: ScalarType.Int64, device: hidden.device);
        var last = (mask.ne(0) * places).argmax(1); // [B]
        var rows = arange(hidden.shape[0], dtype: ScalarType.Int64, device: hidden.device);
        return Logits(hidden.index([TensorIndex.Tensor(rows), TensorIndex.Tensor(last)])).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public virtual Module Rebuild() => Spec.Build();

    /// <summary>The embedding table's rows.</summary>
    protected abstract Tensor Lookup(Tensor ids);

    /// <summary>The layers and the last norm.</summary>
    protected abstract Tensor Run(Tensor embeds, DecoderPass pass);

    // A mask of ones is no mask: the plain triangle is faster.
    private static Tensor? Padding(Tensor? mask)
    {
        if (mask is null)
            return null;
        var valid = mask.ne(0);
        return valid.all().item<bool>() ? null : valid;
    }
}
