using static TorchSharp.torch;

namespace Recipes.Layers;

/// <summary>
/// Keys and values of the tokens that a decoder has seen, for generation: each further token attends to them instead of
/// computing them again. Storage doubles when it is full, so the time of a token does not depend on how many came before
/// (but for the attention itself).
/// </summary>
/// <remarks>Per layer <c>[B, key-value heads, capacity, D]</c>, allocated at the first use. For inference only.</remarks>
public sealed class KeyValueCache : IDisposable
{
    private const long Least = 64;
    private readonly Tensor?[] _keys;
    private readonly Tensor?[] _values;
    private readonly long _reserved;
    private Tensor? _valid;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">Layers of the decoder.</param>
    /// <param name="capacity">Tokens to make room for at once; more still fit.</param>
    public KeyValueCache(int layers, long capacity = 0)
    {
        (_keys, _values) = (new Tensor?[layers], new Tensor?[layers]);
        _reserved = Math.Max(capacity, Least);
    }

    /// <summary>Layers of the decoder that it belongs to.</summary>
    public int Layers => _keys.Length;

    /// <summary>Tokens seen so far, padding included.</summary>
    public long Length { get; private set; }

    /// <summary>Tokens that fit before storage grows; 0 before the first use.</summary>
    public long Capacity => _keys[0]?.shape[2] ?? 0;

    /// <summary>Bytes of keys and values, the free room included.</summary>
    public long Bytes => _keys.Concat(_values).Sum(t => t is null ? 0 : t.numel() * t.element_size());

    /// <summary>Forgets all tokens but the first, for example to go on from a prompt anew. Storage stays.</summary>
    /// <exception cref="RecipesException">It does not hold that many.</exception>
    public void Keep(long tokens)
    {
        if (tokens < 0 || tokens > Length)
            throw new RecipesException($"the cache holds {Length} tokens; keep 0 to {Length} of them, not {tokens}.");
        Length = tokens;
        if (_valid is null)
            return;
        using var before = _valid;
        _valid = tokens == 0 ? null : before.narrow(1, 0, tokens).clone().DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values).Append(_valid))
            tensor?.Dispose();
        Array.Clear(_keys);
        Array.Clear(_values);
        (_valid, Length) = (null, 0);
    }

    /// <summary>Which tokens are no padding once these are added, bool <c>[B, Length + T]</c>; null while all are.</summary>
    /// <param name="mask">Of the new tokens <c>[B, T]</c>, bool; null where all are valid.</param>
    /// <param name="batch">B.</param>
    /// <param name="tokens">T.</param>
    internal Tensor? Valid(Tensor? mask, long batch, long tokens)
    {
        if (mask is null && _valid is null)
            return null;
        var device = (mask ?? _valid!).device;
        var before = _valid ?? ones(batch, Length, dtype: ScalarType.Bool, device: device);
        return cat([before, mask ?? ones(batch, tokens, dtype: ScalarType.Bool, device: device)], 1);
    }

    /// <summary>Writes a layer's new keys and values <c>[B, heads, T, D]</c> behind the old ones.</summary>
    /// <returns>Views of all of them, <c>[B, heads, Length + T, D]</c>.</returns>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        if (keys.requires_grad || values.requires_grad)
            throw new RecipesException(
                "a key-value cache holds no gradients: call the decoder under torch.no_grad(), or without a cache to train."
            );
        return (Append(ref _keys[layer], keys), Append(ref _values[layer], values));
    }

    /// <summary>A layer's keys and values so far, <c>[B, heads, Length, D]</c> each, as tensors of their own.</summary>
    internal IReadOnlyList<Tensor> Copy(int layer) =>
        [_keys[layer]!.narrow(2, 0, Length).clone(), _values[layer]!.narrow(2, 0, Length).clone()];

    /// <summary>Counts tokens that every layer has written.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="valid">What <see cref="Valid"/> returned.</param>
    internal void Advance(long tokens, Tensor? valid)
    {
        Length += tokens;
        if (valid is not null)
            Replace(ref _valid, valid.clone());
    }

    /// <summary>Rows of the batch; null before the first use.</summary>
    internal long? Batch => Length == 0 ? null : _keys[0]!.shape[0];

    private Tensor Append(ref Tensor? store, Tensor added)
    {
        var (shape, total) = (added.shape, Length + added.shape[2]);
        if (Length == 0 && store is not null && (store.shape[0] != shape[0] || store.dtype != added.dtype || store.device != added.device))
        {
            store.Dispose();
            store = null;
        }
        if (store is null || store.shape[2] < total)
        {
            var larger = Room([shape[0], shape[1], Math.Max(total, store is null ? _reserved : 2 * store.shape[2]), shape[3]], added);
            if (store is not null && Length > 0)
                larger.narrow(2, 0, Length).copy_(store.narrow(2, 0, Length));
            Replace(ref store, larger);
        }
        store!.narrow(2, Length, shape[2]).copy_(added);
        return store.narrow(2, 0, total);
    }

    // Not an inference tensor, even in inference mode: the next call may be under no_grad.
    private static Tensor Room(long[] shape, Tensor like)
    {
        using var _ = inference_mode(false);
        using var __ = no_grad();
        return empty(shape, like.dtype, like.device);
    }

    private static void Replace(ref Tensor? held, Tensor by)
    {
        held?.Dispose();
        held = by.DetachFromDisposeScope();
    }
}
