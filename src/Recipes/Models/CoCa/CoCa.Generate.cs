using System.Buffers;
using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Models;

public sealed partial class CoCa
{
    /// <summary>
    /// Captions of images, all tokens of one place at once. Caption k of image i draws from a random stream of its own, so it does not depend on the images beside it.
    /// </summary>
    /// <param name="images"><c>[B, 3, R, R]</c>.</param>
    /// <param name="count">N, captions of each image.</param>
    /// <param name="start">The token before every caption.</param>
    /// <param name="end">The token that ends one; it is not part of it.</param>
    /// <param name="options">How to choose; more tokens than the context has room for are not made.</param>
    /// <param name="first">The number of the first image.</param>
    /// <param name="cached">Whether keys and values of earlier tokens are kept; the same captions without, more slowly.</param>
    /// <returns>B·N captions, those of an image together; tokens without start and end, maybe none.</returns>
    /// <exception cref="RecipesException">The options make no sense, or no caption is asked for.</exception>
    public IReadOnlyList<IReadOnlyList<int>> Generate(
        Tensor images,
        int count,
        int start,
        int end,
        SamplingOptions options,
        long first = 0,
        bool cached = true
    )
    {
        options.Check();
        if (count < 1)
            throw new RecipesException($"{Spec.Name}: expected 1 caption of each image or more, found {count}.");
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(this);
        using var _ = no_grad();
        var device = _scale.device;
        var rows = (int)images.shape[0] * count;
        var memories = Memories(Pool(images.to(_scale.dtype, device)));
        var made = Enumerable.Range(0, rows).Select(_ => new List<int>()).ToArray();
        var streams = Enumerable.Range(0, rows).Select(r => Rng.Stream(options.Seed, "caption", first + r / count, r % count)).ToArray();
        var stop = options.Stop.Append(end).ToHashSet();
        var done = new bool[rows];
        var tokens = full([rows, 1], start, ScalarType.Int64, device);
        using var cache = cached ? new KeyValueCache(Spec.TextLayers + Spec.Layers, Spec.Context) : null;
        var most = Math.Min(options.MaxTokens, Spec.Context - 1);
        for (var place = 0; place < most && !Array.TrueForAll(done, d => d); place++)
        {
            var next = Step(tokens, memories, cache, options, streams, done);
            for (var row = 0; row < rows; row++)
            {
                if (done[row] || (done[row] = stop.Contains(next[row])))
                    continue;
                made[row].Add((int)next[row]);
            }
            using var column = tensor(next, [rows, 1], device: device);
            var before = tokens;
            tokens = cached ? column.clone() : cat([before, column], 1);
            before.Dispose();
        }
        return made;
    }

    // The next token of each row; for rows that are done, 0.
    private long[] Step(
        Tensor tokens,
        List<CrossMemory?> memories,
        KeyValueCache? cache,
        SamplingOptions options,
        Rng[] streams,
        bool[] done
    )
    {
        using var scope = NewDisposeScope();
        var logits = Logits(Text(tokens, cache), memories, cache).select(1, -1).to(ScalarType.Float32); // [R, V]
        cache?.Advance(1, null);
        if (options.Temperature == 0)
            return logits.argmax(-1).cpu().data<long>().ToArray();
        var (rows, vocabulary) = (streams.Length, Spec.Vocabulary);
        var probabilities = (logits / options.Temperature).softmax(-1).cpu().contiguous();
        var values = ArrayPool<float>.Shared.Rent(rows * vocabulary);
        probabilities.data<float>().CopyTo(values, 0);
        var next = new long[rows];
        for (var row = 0; row < rows; row++)
        {
            if (!done[row])
                next[row] = Nucleus.Draw<float>(values.AsSpan(row * vocabulary, vocabulary), options.TopP, ref streams[row]);
        }
        ArrayPool<float>.Shared.Return(values);
        return next;
    }
}
