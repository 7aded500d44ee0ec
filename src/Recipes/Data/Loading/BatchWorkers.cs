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

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="filler">Makes a filler for each.</param>
    public BatchWorkers(int workers, Func<IBatchFiller> filler)
    {
        _threads = new Thread[workers];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(() => Work(filler())) { IsBackground = true, Name = $"recipes loader {i}" };
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

    /// <summary>
    /// The batches of an epoch from its fillers: ahead of the consumer on threads, or, with no worker, each when it is asked for. A worker's exception is
    /// thrown at the batch that it belongs to.
    /// </summary>
    /// <param name="workers">Threads.</param>
    /// <param name="filler">Makes a filler for each thread.</param>
    /// <param name="first">The first batch.</param>
    /// <param name="count">Batches of the epoch.</param>
    /// <param name="slot">Room for a batch by number.</param>
    public static IEnumerable<ImageBatch> Run(int workers, Func<IBatchFiller> filler, int first, int count, Func<int, BatchSlot> slot) =>
        workers == 0 ? Plain(filler(), first, count, slot) : Ahead(workers, filler, first, count, slot);

    private static IEnumerable<ImageBatch> Plain(IBatchFiller filler, int first, int count, Func<int, BatchSlot> slot)
    {
        for (var number = first; number < count; number++)
        {
            using var room = slot(number);
            filler.Fill(room, CancellationToken.None);
            yield return room.Take();
        }
    }

    private static IEnumerable<ImageBatch> Ahead(int count, Func<IBatchFiller> filler, int first, int batches, Func<int, BatchSlot> slot)
    {
        using var workers = new BatchWorkers(count, filler);
        var next = first;
        for (var number = first; number < batches; number++)
        {
            for (; next < batches && next <= number + count; next++)
                workers.Enqueue(slot(next));
            yield return workers.Dequeue();
        }
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

    private void Work(IBatchFiller filler)
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
