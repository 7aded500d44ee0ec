using System.Collections.Concurrent;

namespace Recipes.Data;

/// <summary>
/// Threads that fill slots ahead of the consumer. Slots come out in the order in which they went in; at most as many wait as
/// were put in. Disposing stops the threads, waits for them, and frees what nobody took.
/// </summary>
internal sealed class BatchWorkers : IDisposable
{
    private readonly BlockingCollection<BatchSlot> _work = [];
    private readonly Queue<BatchSlot> _order = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread[] _threads;

    public BatchWorkers(ImageLoader loader, int epoch)
    {
        _threads = new Thread[loader.Workers];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(() => Work(new BatchFiller(loader, epoch))) { IsBackground = true, Name = $"recipes loader {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Gives a slot to the workers.</summary>
    public void Enqueue(BatchSlot slot)
    {
        _order.Enqueue(slot);
        _work.Add(slot);
    }

    /// <summary>Waits for the oldest slot and hands its batch over; throws what its worker threw.</summary>
    public ImageBatch Dequeue()
    {
        using var slot = _order.Dequeue();
        return slot.Wait();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _work.CompleteAdding();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var slot in _order)
            slot.Dispose();
        _work.Dispose();
        _stop.Dispose();
    }

    private void Work(BatchFiller filler)
    {
        foreach (var slot in _work.GetConsumingEnumerable())
        {
            try
            {
                filler.Fill(slot, _stop.Token);
                slot.Finish(null);
            }
#pragma warning disable CA1031 // Whatever a picture's reader throws is thrown again on the consumer's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                slot.Finish(e);
            }
        }
    }
}
