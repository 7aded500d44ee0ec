using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Recipes.Data;

/// <summary>
/// A batch on its way. Its tensors are made, handed out and freed on the consumer's thread and detached from its dispose
/// scopes (those are thread-static); workers only write into their memory.
/// </summary>
internal sealed class BatchSlot : IDisposable
{
    private readonly int _number;
    private readonly bool _channelsLast;
    private readonly ManualResetEventSlim _done = new();
    private torch.Tensor? _images;
    private torch.Tensor? _labels;
    private ExceptionDispatchInfo? _error;

    /// <summary>Room for a batch.</summary>
    /// <param name="number">Its number in the epoch.</param>
    /// <param name="indices">Its pictures.</param>
    /// <param name="size">Their side in pixels.</param>
    /// <param name="channelsLast">Whether channels lie innermost.</param>
    public BatchSlot(int number, int[] indices, int size, bool channelsLast)
    {
        (_number, Indices, _channelsLast) = (number, indices, channelsLast);
        long[] shape = _channelsLast ? [indices.Length, size, size, 3] : [indices.Length, 3, size, size];
        _images = torch.empty(shape, torch.float32, torch.CPU).DetachFromDisposeScope();
        _labels = torch.empty([Indices.Length], torch.int64, torch.CPU).DetachFromDisposeScope();
    }

    public int[] Indices { get; }

    /// <summary>What a filler gives besides images and labels.</summary>
    public object? Besides { get; set; }

    /// <summary>Memory of the images, <c>[B, 3, H, W]</c> or <c>[B, H, W, 3]</c>.</summary>
    public Span<float> Images => MemoryMarshal.Cast<byte, float>(_images!.bytes);

    /// <summary>Memory of the labels.</summary>
    public Span<long> Labels => MemoryMarshal.Cast<byte, long>(_labels!.bytes);

    /// <summary>Says that the slot is full, or why it is not.</summary>
    public void Finish(Exception? error)
    {
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        _done.Set();
    }

    /// <summary>Waits until the slot is full and hands its tensors over.</summary>
    public ImageBatch Wait()
    {
        _done.Wait();
        _error?.Throw();
        return Take();
    }

    /// <summary>Hands the tensors over.</summary>
    public ImageBatch Take()
    {
        var (images, labels) = (_images!, _labels!);
        (_images, _labels) = (null, null);
        if (!_channelsLast)
            return new ImageBatch(_number, images, labels, Indices, Besides);
        using (images)
            return new ImageBatch(_number, images.permute(0, 3, 1, 2).DetachFromDisposeScope(), labels, Indices, Besides);
    }

    public void Dispose()
    {
        _images?.Dispose();
        _labels?.Dispose();
        _done.Dispose();
    }
}
