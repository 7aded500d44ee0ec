using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;

namespace Recipes.Notebook.Cells.Execution;

/// <summary>
/// The one thread on which all cells run, so that what belongs to a thread (TorchSharp's scopes, gradient mode) lasts from cell
/// to cell. It is also a synchronisation context: after an await a cell goes on here, so aborting this thread stops it. An
/// aborted thread is replaced: on Linux .NET 10 leaves its signal for halting threads blocked after an abort, so that neither the
/// next abort nor the collector could stop a loop on it.
/// </summary>
internal sealed class CellThread : SynchronizationContext, IDisposable
{
    // Deep recursions of teaching notebooks fit; a real overflow still ends the process.
    private const int StackBytes = 64 << 20;

    [ThreadStatic]
    private static CellThread? _here;

    private readonly BlockingCollection<(SendOrPostCallback Call, object? State)> _work = [];
    private Job? _job;

    public CellThread() => Start();

    /// <summary>Takes exceptions of callbacks that no cell waits for, such as those of async void methods.</summary>
    public Action<Exception>? Unobserved { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!_work.IsAddingCompleted)
            _work.Add((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (_here == this)
            d(state);
        else
            Post(d, state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the body and the task that it returns to their end. Blocks the caller.</summary>
    /// <returns>What the body threw, or null; an <see cref="OperationCanceledException"/> after <see cref="Interrupt"/>.</returns>
    public Exception? Run(Func<Task> body)
    {
        using var job = new Job();
        _job = job;
        Post(_ => Execute(job, body), null);
        job.Done.Wait();
        _job = null;
        return job.Failure;
    }

    /// <summary>Aborts the running body: wakes it when it waits, throws in it when it computes. Returns when it has ended or after the time.</summary>
    /// <returns>Whether it has ended.</returns>
    public bool Interrupt(TimeSpan patience)
    {
        if (_job is not { } job)
            return true;
        var end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (!job.TryEnter(Phase.Open, Phase.Aborting))
        {
            if (job.Done.Wait(10) || Environment.TickCount64 > end)
                return job.Done.IsSet;
        }
        _ = Task.Factory.StartNew(job.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!job.Done.IsSet && Environment.TickCount64 < end)
        {
            lock (job)
            {
                if (!job.Ended)
                    job.Thread?.Interrupt();
            }
            job.Done.Wait(50);
        }
        return job.Done.IsSet;
    }

    /// <summary>Runs something on the cells' thread that must not be aborted half-way, such as the compiler; it has its own cancellation.</summary>
    public static T Shielded<T>(Func<T> work)
    {
        if (_here?._job is not { } job)
            return work();
        if (!job.TryEnter(Phase.Open, Phase.Shielded))
            Job.AwaitAbort();
        try
        {
            return work();
        }
        finally
        {
            job.TryEnter(Phase.Shielded, Phase.Open);
        }
    }

    /// <summary>On the cells' thread: runs other callbacks until the task has ended. Elsewhere: waits.</summary>
    public static void Pump(Task task)
    {
        if (_here is { } cells)
            cells.PumpUntil(task);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Until disposed, tasks that begin on this thread go on elsewhere.</summary>
    public static IDisposable Detached()
    {
        var before = Current;
        SetSynchronizationContext(null);
        return new Restored(before);
    }

    public void Dispose() => _work.CompleteAdding();

    private void Start() => new Thread(Loop, StackBytes) { IsBackground = true, Name = "cells" }.Start();

    private void Loop()
    {
        _here = this;
        SetSynchronizationContext(this);
        foreach (var (call, state) in _work.GetConsumingEnumerable())
        {
            Guarded(call, state);
            if (_here is null)
            {
                // Not from here: a thread inherits the blocked signals of the one that starts it.
                _ = Task.Run(Start);
                return;
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws must not end the thread.")]
    private void Guarded(SendOrPostCallback call, object? state)
    {
        try
        {
            call(state);
        }
        catch (Exception e)
        {
            Unobserved?.Invoke(e);
        }
    }

    private void PumpUntil(Task task)
    {
        // The task may end on another thread while nothing else is to be done here.
        _ = task.ContinueWith(
            _ => Post(static _ => { }, null),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        while (!task.IsCompleted)
        {
            var (call, state) = _work.Take();
            Guarded(call, state);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "What the body throws is the result.")]
    private void Execute(Job job, Func<Task> body)
    {
        job.Thread = Thread.CurrentThread;
        try
        {
#pragma warning disable SYSLIB0046 // Aborting a thread is what an interrupt is; only the user's code runs in here.
            ControlledExecution.Run(() => RunBody(job, body), job.Abort);
#pragma warning restore SYSLIB0046
        }
        catch (Exception e)
        {
            job.Failure = e;
        }
        if (job.End())
            _here = null;
        job.Done.Set();
    }

    // An abort that has begun must find the body: leaving while it looks for the thread would let both wait for each other.
    [SuppressMessage("Design", "CA1031", Justification = "What the body throws is the result.")]
    private void RunBody(Job job, Func<Task> body)
    {
        try
        {
            var task = body();
            if (!task.IsCompleted)
                PumpUntil(task);
            task.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            job.Failure = e;
        }
        if (!job.TryEnter(Phase.Open, Phase.Left))
            Job.AwaitAbort();
    }

    private sealed class Restored(SynchronizationContext? context) : IDisposable
    {
        public void Dispose() => SetSynchronizationContext(context);
    }

    // Where a body stands: an abort begins only while it is open, and then the body can only end by it.
    private enum Phase
    {
        Open,
        Shielded,
        Aborting,
        Left,
    }

    private sealed class Job : IDisposable
    {
        private readonly CancellationTokenSource _abort = new();
        private int _phase;

        public CancellationToken Abort => _abort.Token;

        public ManualResetEventSlim Done { get; } = new();

        public Thread? Thread { get; set; }

        public bool Ended { get; private set; }

        public Exception? Failure { get; set; }

        public bool TryEnter(Phase from, Phase to) => Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

        public void Cancel() => _abort.Cancel();

        [DoesNotReturn]
        public static void AwaitAbort()
        {
            while (true)
                Quietly(() => Thread.Sleep(10));
        }

        // After this no more interrupts come. True: the thread was aborted.
        public bool End()
        {
            while (!Ended)
            {
                Quietly(() =>
                {
                    lock (this)
                        Ended = true;
                });
            }
            return _phase == (int)Phase.Aborting;
        }

        public void Dispose() => _abort.Dispose();

        private static void Quietly(Action wait)
        {
            try
            {
                wait();
            }
            catch (ThreadInterruptedException) { }
        }
    }
}
