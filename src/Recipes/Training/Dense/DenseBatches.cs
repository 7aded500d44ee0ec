using System.Runtime.InteropServices;
using System.Text.Json;
using Recipes.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>
/// Dense data as the loop's source. Inputs are images <c>[B, 3, H, W]</c>; targets labels <c>[B, H, W]</c> uint8, depths <c>[B, H, W]</c> float32 in
/// metres, or boxes <c>[B, M, 5]</c> float32 (label, left, top, right, bottom in pixels; rows of −1 where a picture has fewer than M). Order and
/// augmentation follow from the seed, the epoch and the picture alone.
/// </summary>
public sealed class DenseBatches : IBatchSource
{
    private readonly IDenseSet _set;
    private readonly DenseData _data;
    private readonly float[] _table;
    private readonly long? _seed;

    /// <summary>Wraps a set.</summary>
    /// <param name="set">The pictures; they are read anew each time unless they are a <see cref="CachedDense"/>.</param>
    /// <param name="data">Task, size, batch, augmentation.</param>
    /// <param name="seed">Of order and augmentation; null, for measuring, takes every picture once, in order and as it is.</param>
    /// <exception cref="RecipesException">Values are out of range, or the set does not know what the task asks for; all problems together.</exception>
    public DenseBatches(IDenseSet set, DenseData data, long? seed = null)
    {
        (_set, _data, _seed) = (set, data, seed);
        RecipesException.ThrowIfAny(
            $"data {set.Name}: cannot be used for {data.Task}:",
            [
                .. data.Problems(),
                .. set.Tasks.Contains(data.Task) ? [] : new[] { $"it knows {string.Join(", ", set.Tasks)} of its pictures" },
                .. set.Count == 0 ? ["it has no pictures"] : Array.Empty<string>(),
            ]
        );
        _table = data.Source.Normalization.Table();
        BatchesPerEpoch =
            seed is null ? (set.Count + data.BatchSize - 1) / data.BatchSize
            : data.PerEpoch is { } images ? images / data.BatchSize
            : Math.Max(1, set.Count / data.BatchSize);
        Name =
            $"{set.Name}: {set.Count} pictures, {data.Task}, {data.Height} x {data.Width} px, {BatchesPerEpoch} batches of {data.BatchSize}, "
            + $"{(seed is { } s ? $"shuffled, seed {s}" : "in order")}, {JsonSerializer.Serialize(data.Source.Normalization)}, {JsonSerializer.Serialize(data.Augment)}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Classes of pixels or boxes; 0 for depth.</summary>
    public int Classes =>
        _data.Task switch
        {
            DenseTask.Segmentation => _set.Classes.Count,
            DenseTask.Boxes => _set.BoxClasses.Count,
            _ => 0,
        };

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <summary>Both splits: shuffled and augmented for training, in order and as they are for testing. What was read once is kept in memory.</summary>
    /// <param name="data">Source, task, size, batch.</param>
    /// <param name="seed">Of order and augmentation.</param>
    /// <param name="roots">Where to look for files; null for the usual places.</param>
    /// <exception cref="RecipesException">Files are missing or broken, or values are out of range.</exception>
    public static (DenseBatches Train, DenseBatches Test) Open(DenseData data, long seed, DataRoots? roots = null) =>
        (
            new DenseBatches(new CachedDense(data.Source.Open(Split.Train, roots)), data, seed),
            new DenseBatches(new CachedDense(data.Source.Open(Split.Test, roots)), data)
        );

    /// <inheritdoc/>
    public IEnumerable<Batch> Epoch(EpochRequest request)
    {
        var data = request.Size is { } size ? _data.Sized(size) : _data;
        for (var number = request.FirstBatch; number < BatchesPerEpoch; number++)
            yield return Make([.. Places(request.Epoch, number)], request.Epoch, data);
    }

    // Round after round of all pictures, each in an order of its own.
    private IEnumerable<(int Index, int Round)> Places(int epoch, int number)
    {
        var count = _set.Count;
        var (start, end) = ((long)number * _data.BatchSize, (number + 1L) * _data.BatchSize);
        if (_seed is not { } seed)
            return Enumerable.Range((int)start, (int)(Math.Min(end, count) - start)).Select(i => (i, 0));
        var orders = new Dictionary<int, int[]>();
        return Enumerable
            .Range(0, _data.BatchSize)
            .Select(i =>
            {
                var round = (int)((start + i) / count);
                if (!orders.TryGetValue(round, out var order))
                {
                    var rng = Rng.Stream(seed, "order", epoch, round);
                    orders[round] = order = rng.Permutation(count);
                }
                return (order[(start + i) % count], round);
            });
    }

    private Batch Make((int Index, int Round)[] places, int epoch, DenseData data)
    {
        var (height, width) = (data.Height, data.Width);
        var samples = new DenseSample[places.Length];
        var images = empty([places.Length, height, width, 3], float32, CPU).DetachFromDisposeScope();
        try
        {
            Parallel.For(
                0,
                places.Length,
                i =>
                {
                    samples[i] = Sample(places[i].Index, epoch, places[i].Round, data);
                    var target = MemoryMarshal.Cast<byte, float>(images.bytes).Slice(3 * i * height * width, 3 * height * width);
                    var rgb = samples[i].Image.Rgb;
                    for (var k = 0; k < rgb.Length; k++)
                        target[k] = _table[256 * (k % 3) + rgb[k]];
                }
            );
        }
        catch (AggregateException e) when (e.InnerException is RecipesException first)
        {
            images.Dispose();
            throw new RecipesException(first.Problems.Count > 1 ? first.Message : first.Problems[0], first);
        }
        using (images)
            return new Batch(images.permute(0, 3, 1, 2), Targets(samples, data), [.. places.Select(p => p.Index)]);
    }

    private DenseSample Sample(int index, int epoch, int round, DenseData data)
    {
        var sample = _set.Read(index, Math.Min(data.Height, data.Width));
        var (image, ratio) = (sample.Image, (double)data.Width / data.Height);
        if (_seed is not { } seed)
            return DenseCrop.Apply(sample, DenseAugment.Middle(image.Width, image.Height, ratio), false, data.Width, data.Height);
        var rng = Rng.Stream(seed, "augment", epoch, index, round);
        var (box, mirrored) = data.Augment.Choose(image.Width, image.Height, ratio, ref rng);
        return DenseCrop.Apply(sample, box, mirrored, data.Width, data.Height);
    }

    private static Tensor Targets(DenseSample[] samples, DenseData data)
    {
        long[] shape = [samples.Length, data.Height, data.Width];
        return data.Task switch
        {
            DenseTask.Segmentation => tensor(samples.SelectMany(s => s.Labels!).ToArray(), shape),
            DenseTask.Depth => tensor(samples.SelectMany(s => s.Depth!).ToArray(), shape),
            _ => Boxes(samples),
        };
    }

    private static Tensor Boxes(DenseSample[] samples)
    {
        var most = Math.Max(1, samples.Max(s => s.Boxes!.Count));
        var values = new float[samples.Length * most * 5];
        Array.Fill(values, -1);
        for (var i = 0; i < samples.Length; i++)
        {
            for (var k = 0; k < samples[i].Boxes!.Count; k++)
            {
                var (label, box) = samples[i].Boxes![k];
                float[] row = [label, box.Left, box.Top, box.Right, box.Bottom];
                row.CopyTo(values, (i * most + k) * 5);
            }
        }
        return tensor(values, [samples.Length, most, 5]);
    }
}
